//! How the model is used, with its own path and columns: from the command line, from Python, from Rust.

use chainrule_tabular::shown::{label, shell_word};

use crate::portrait::Portrait;

/// How many columns are named.
const NAMED: usize = 12;

/// Programs to copy.
pub(super) struct Usage {
    /// The columns that a table has to have, in words.
    pub(super) columns: Vec<String>,
    pub(super) more: usize,
    pub(super) shell: String,
    pub(super) python: String,
    pub(super) rust: String,
}

impl Usage {
    pub(super) fn of(portrait: &Portrait) -> Usage {
        let columns = portrait.model.columns();
        let path = portrait.path.display().to_string();
        let word = match path.starts_with('-') {
            true => shell_word(&format!("./{path}")),
            false => shell_word(&path),
        };
        // A JSON text is a text of Python, too.
        let python = serde_json::to_string(&path).expect("a text is written as JSON");
        Usage {
            more: columns.len().saturating_sub(NAMED),
            columns: columns.iter().take(NAMED).map(|name| label(name)).collect(),
            shell: format!(
                "chainrule predict {word} new.csv > predicted.csv\n\
                 chainrule explain {word} new.csv --row 1\n\
                 chainrule describe {word}"
            ),
            python: format!(
                "import pandas\nfrom chainrule.models import Model\n\n\
                 model = Model({python})\n\
                 predictions = model.predict(pandas.read_csv(\"new.csv\"))"
            ),
            rust: format!(
                r#"use chainrule_tabular::model_file;
use chainrule_tabular::table::{{PlannedReader, ReadOptions}};

let model = model_file::load({path:?}.as_ref())?;
let columns: Vec<String> = model.columns().iter().map(|name| name.to_string()).collect();
let options = ReadOptions::default();
let mut table = PlannedReader::open("new.csv".as_ref(), model.plan(), &columns, &options)?;
while let Some(block) = table.next_block()? {{
    let predictions = model.predict(&block.table)?.values;
}}"#
            ),
        }
    }
}
