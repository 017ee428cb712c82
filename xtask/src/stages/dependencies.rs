//! Other people's code: how little of it there is, under which licences, and where it comes from.
//!
//! `deny.toml` holds the rules. This reads its list of licences and needs nothing but cargo; cargo-deny applies the
//! whole file before a release.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::Notes;
use crate::{process, repository};

/// All that the core crate may depend on.
const CORE: [&str; 7] = [
    "ndarray",
    "pulp",
    "rand",
    "rand_chacha",
    "rayon",
    "serde",
    "thiserror",
];
/// The one place that packages may come from.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub fn run(root: &Path) -> Result<Notes, String> {
    let metadata = repository::metadata(root, &["--all-features"])?;
    let packages = metadata["packages"]
        .as_array()
        .ok_or("cargo metadata lists no packages")?;
    let rules: toml::Table = repository::read(&root.join("deny.toml"))?
        .parse()
        .map_err(|error| format!("deny.toml: {error}"))?;
    let allowed = rules["licenses"]["allow"]
        .as_array()
        .ok_or("deny.toml has no list licenses.allow")?;
    let allowed: BTreeSet<&str> = allowed.iter().filter_map(toml::Value::as_str).collect();

    let core = packages
        .iter()
        .find(|package| package["name"] == "chainrule")
        .ok_or("there is no package chainrule")?;
    let mut problems = foreign_dependencies(core);
    problems.extend(
        packages
            .iter()
            .filter_map(|package| licence_problem(package, &allowed)),
    );
    problems.extend(packages.iter().filter_map(source_problem));
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    // The benchmarks lie outside of the workspace: when the core's dependencies change, their lock file does not.
    let benchmarks = ["--manifest-path", "bench/chainrule/Cargo.toml"];
    let current = ["update", "--workspace", "--locked", "--quiet"];
    process::run(process::cargo(root).args(current).args(benchmarks))?;
    println!(
        "{} packages, under licences that deny.toml allows",
        packages.len()
    );
    Ok(vec![])
}

/// What the core depends on although it should not. Its tests may use more: they reach no user.
fn foreign_dependencies(core: &Value) -> Vec<String> {
    let dependencies = core["dependencies"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let shipped = dependencies
        .iter()
        .filter(|dependency| dependency["kind"] != "dev");
    let names = shipped.filter_map(|dependency| dependency["name"].as_str());
    let foreign = names.filter(|name| !CORE.contains(name));
    foreign
        .map(|name| {
            format!(
                "the core crate depends on {name}; it may use {}",
                CORE.join(", ")
            )
        })
        .collect()
}

fn licence_problem(package: &Value, allowed: &BTreeSet<&str>) -> Option<String> {
    let name = format!(
        "{} {}",
        package["name"].as_str()?,
        package["version"].as_str()?
    );
    let Some(licence) = package["license"].as_str() else {
        return Some(format!("{name} states no licence"));
    };
    // Older packages write MIT/Apache-2.0 for MIT OR Apache-2.0.
    let expression = match spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => return Some(format!("{name}: licence {licence:?}: {}", error.reason)),
    };
    let good =
        expression.evaluate(|requirement| allowed.contains(requirement.to_string().as_str()));
    (!good).then(|| format!("{name} is under {licence}, which deny.toml does not allow"))
}

/// Packages of the workspace have no source.
fn source_problem(package: &Value) -> Option<String> {
    let source = package["source"].as_str()?;
    (source != CRATES_IO).then(|| {
        format!(
            "{} comes from {source}, not from crates.io",
            package["name"].as_str().unwrap_or("a package")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_core_may_use_what_is_listed_and_its_tests_may_use_more() {
        let dependency = |name: &str, kind: Value| json!({ "name": name, "kind": kind });
        let core = |last| json!({ "dependencies": [dependency("rand", Value::Null), dependency("proptest", json!("dev")), last] });
        assert!(foreign_dependencies(&core(dependency("serde", Value::Null))).is_empty());
        let problems = foreign_dependencies(&core(dependency("clap", Value::Null)));
        assert!(
            problems[0].starts_with("the core crate depends on clap;"),
            "{problems:?}"
        );
        assert_eq!(
            foreign_dependencies(&core(dependency("cc", json!("build")))).len(),
            1
        );
    }

    #[test]
    fn licences_are_read_as_expressions() {
        let allowed = BTreeSet::from(["MIT", "Apache-2.0"]);
        let problem = |licence: Value| {
            licence_problem(
                &json!({ "name": "a", "version": "1.0.0", "license": licence }),
                &allowed,
            )
        };
        for good in [
            "MIT",
            "GPL-3.0-only OR MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "MIT AND (Apache-2.0 OR Zlib)",
        ] {
            assert_eq!(problem(json!(good)), None, "{good}");
        }
        for bad in [
            "GPL-3.0-only",
            "MIT AND Zlib",
            "Apache-2.0 WITH LLVM-exception",
            "no licence",
        ] {
            assert!(problem(json!(bad)).unwrap().starts_with("a 1.0.0"), "{bad}");
        }
        assert_eq!(problem(Value::Null).unwrap(), "a 1.0.0 states no licence");
    }

    #[test]
    fn packages_come_from_crates_io_or_from_here() {
        let problem = |source: Value| source_problem(&json!({ "name": "a", "source": source }));
        assert_eq!(
            (problem(Value::Null), problem(json!(CRATES_IO))),
            (None, None)
        );
        assert!(
            problem(json!("git+https://example.org/a"))
                .unwrap()
                .starts_with("a comes from git+")
        );
    }
}
