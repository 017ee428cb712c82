//! The page in the browser: built as a user would, and tried in Chromium.

use std::path::Path;

use super::{Notes, browser};
use crate::playground::{Tools, Warnings, npm};
use crate::{process, repository};

pub fn run(root: &Path) -> Result<Notes, String> {
    let tools = match Tools::find(root) {
        Ok(tools) => tools,
        Err(missing) => return Ok(vec![format!("the playground was not built: {missing}")]),
    };
    let folder = tools.build(root, Warnings::Denied)?;
    let Some(chromium) = browser::chromium() else {
        return Ok(vec![
            "the playground was built, and not tried: chromium is not installed here".to_owned(),
        ]);
    };
    let command = repository::build_release(root)?.join("release/chainrule");
    let mut tests = npm(&root.join("playground"));
    tests
        .args(["test"])
        .env("CHROMIUM", chromium)
        .env("PLAYGROUND", folder);
    process::run(tests.env("CHAINRULE_COMMAND", command))?;
    Ok(vec![])
}
