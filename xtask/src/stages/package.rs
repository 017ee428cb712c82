//! What a user of a registry gets: each published crate holds its licences, its page and its data, and builds without
//! this repository.
//!
//! A package holds nothing from outside of its folder. So what belongs to the whole repository has a copy in each crate
//! that ships it, and the copies are compared here. (Links would do, but not on Windows.)

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use serde_json::Value;

use super::Notes;
use crate::{process, repository};

/// Files of the root that every published crate ships.
const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];
/// Files of the root that some crate ships, and where.
const COPIES: [(&str, &str); 1] = [(
    "data/diabetes.csv",
    "crates/chainrule-cli/data/diabetes.csv",
)];
/// What a registry shows and searches.
const SHOWN: [&str; 6] = [
    "description",
    "license",
    "readme",
    "documentation",
    "keywords",
    "categories",
];

pub fn run(root: &Path) -> Result<Notes, String> {
    let metadata = repository::metadata(root, &["--no-deps"])?;
    let packages = metadata["packages"].as_array();
    let packages = packages.ok_or("cargo metadata lists no packages")?.iter();
    // `publish` is null where everyone may get the package, and an empty list where nobody may.
    let published: Vec<Published> = packages
        .filter(|package| package["publish"].is_null())
        .filter_map(Published::read)
        .collect();

    let copies = COPIES
        .iter()
        .map(|(from, to)| (root.join(from), root.join(to)));
    let licences = published.iter().flat_map(|package| {
        LICENCES.map(|licence| (root.join(licence), package.folder.join(licence)))
    });
    let differing = copies
        .chain(licences)
        .filter_map(|(from, to)| differs(&from, &to));
    let missing = published.iter().flat_map(Published::missing);
    let problems: Vec<String> = differing.chain(missing).collect();
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    build_alone(root, &published).map_err(|error| format!("from the packages alone: {error}"))?;
    Ok(vec![])
}

/// A package that a registry offers, as cargo describes it.
struct Published<'a> {
    name: &'a str,
    version: &'a str,
    folder: &'a Path,
    all: &'a Value,
}

impl Published<'_> {
    fn read(all: &Value) -> Option<Published<'_>> {
        Some(Published {
            name: all["name"].as_str()?,
            version: all["version"].as_str()?,
            folder: Path::new(all["manifest_path"].as_str()?).parent()?,
            all,
        })
    }

    /// What a registry would show, but is not there.
    fn missing(&self) -> impl Iterator<Item = String> {
        let empty = |field: &&str| match &self.all[*field] {
            Value::Array(values) => values.is_empty(),
            value => value.is_null(),
        };
        let fields = SHOWN.iter().filter(move |field| empty(field));
        fields.map(|field| format!("{}: its Cargo.toml has no {field}", self.name))
    }
}

/// The sentence for a copy that is not its original's.
fn differs(original: &Path, copy: &Path) -> Option<String> {
    let (from, to) = (original.display(), copy.display());
    match (fs::read(original), fs::read(copy)) {
        (Ok(original), Ok(copy)) if original == copy => None,
        _ => Some(format!("{to} is no copy of {from}: cp {from} {to}")),
    }
}

/// Makes the packages, unpacks them far from their sources, and lets the compiler check everything in them, tests and
/// examples too.
fn build_alone(root: &Path, published: &[Published]) -> Result<(), String> {
    let target = repository::target_directory(root)?;
    let mut cargo = process::cargo(root);
    cargo.args([
        "package",
        "--no-verify",
        "--locked",
        "--allow-dirty",
        "--quiet",
    ]);
    cargo.arg("--target-dir").arg(&target);
    for package in published {
        cargo.args(["--package", package.name]);
    }
    process::run(&mut cargo)?;

    let packages = target.join("package");
    let folder = packages.join("alone");
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    fs::create_dir(&folder).map_err(failed)?;
    // The packages need each other in versions that no registry has yet.
    let (mut members, mut patches) = (String::new(), String::new());
    for Published { name, version, .. } in published {
        let unpacked = format!("{name}-{version}");
        // All files in a package are equally old: cargo must see that they may have changed (-m).
        let package = packages.join(format!("{unpacked}.crate"));
        let mut tar = Command::new("tar");
        process::run(tar.arg("-xzmf").arg(package).arg("-C").arg(&folder))?;
        members += &format!("{unpacked:?}, ");
        patches += &format!("{name} = {{ path = {unpacked:?} }}\n");
    }
    // With the repository's profile and versions, what the stages before built of other people's code serves here, too.
    let manifest = repository::read(&root.join("Cargo.toml"))?;
    let profiles = manifest
        .find("[profile")
        .map_or("", |start| &manifest[start..]);
    let workspace = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{members}]\n[patch.crates-io]\n{patches}{profiles}"
    );
    fs::write(folder.join("Cargo.toml"), workspace)
        .and_then(|()| fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")))
        .map_err(failed)?;
    let mut cargo = process::cargo(&folder);
    cargo.args([
        "check",
        "--release",
        "--workspace",
        "--all-targets",
        "--all-features",
    ]);
    // The profile names packages that are used in the repository alone, of which cargo would warn.
    cargo.arg("--quiet");
    process::run(cargo.arg("--target-dir").arg(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_differs_is_reported_with_the_command_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let [original, copy] = ["a", "b"].map(|name| folder.path().join(name));
        fs::write(&original, "1\n").unwrap();
        fs::write(&copy, "1\n").unwrap();
        assert_eq!(differs(&original, &copy), None);
        fs::write(&copy, "1\r\n").unwrap();
        let told = differs(&original, &copy).unwrap();
        assert!(told.ends_with(&format!(": cp {} {}", original.display(), copy.display())));
    }

    #[test]
    fn what_a_registry_shows_must_be_there() {
        let all = serde_json::json!({
            "name": "a", "version": "1.0.0", "manifest_path": "/a/Cargo.toml", "description": "b", "license": "MIT",
            "readme": "README.md", "documentation": null, "keywords": [], "categories": ["science"]
        });
        let missing: Vec<String> = Published::read(&all).unwrap().missing().collect();
        let told =
            ["documentation", "keywords"].map(|field| format!("a: its Cargo.toml has no {field}"));
        assert_eq!(missing, told);
    }
}
