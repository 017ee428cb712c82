//! `docs/backpropagation.md` and the code speak of the same things: a renamed function, a removed test or a stray
//! equation number fails here.
//!
//! An equation that the code computes stands in a block marked `equation`, its number at the end of a line: "(F1)".
//! Below it the page has a line "*Code:* `name`, … · *Test:* `name`, …". An answer to an exercise has a line "*Test:*
//! `name`". This file reads Rust by its layout as rustfmt leaves it; it does not parse the language.

use std::fs;
use std::path::{Path, PathBuf};

/// Every equation there is, as the page and the code number them.
const EQUATIONS: [&str; 43] = [
    "F1", "F2", "F3", "L0", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "B1", "B2", "B3", "B4", "B5",
    "E1", "E2", "E3", "E4", "E5", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "O1", "O2",
    "O3", "O4", "O5", "S1", "S2", "S3", "S4", "I1", "I2", "I3", "G1",
];

#[test]
fn every_equation_has_a_line_that_names_code_and_test() {
    let page = Page::read(&page_text());
    assert_eq!(page.complaints, [""; 0]);
    let found: Vec<&str> = page.equations.iter().map(String::as_str).collect();
    let (mut sorted, mut expected) = (found.clone(), EQUATIONS.to_vec());
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sorted, expected, "equations on the page, each once");
}

#[test]
fn every_function_and_test_on_the_page_exists() {
    let (page, sources) = (Page::read(&page_text()), Sources::read());
    assert!(
        page.code.len() > 50 && page.tests.len() > 50,
        "the page's lines were not found"
    );
    assert_eq!(missing(&page, &sources), [""; 0]);
}

#[test]
fn every_equation_is_cited_by_the_code_and_every_cited_equation_exists() {
    let sources = Sources::read();
    let mut cited = Vec::new();
    for file in &sources.0 {
        for (number, line) in file.text.lines().enumerate() {
            for equation in citations(line) {
                let place = format!("{}:{}", file.path.display(), number + 1);
                assert!(
                    EQUATIONS.contains(&equation),
                    "{place} cites ({equation}), which the page does not have"
                );
                if file.is_source() {
                    cited.push(equation.to_string());
                }
            }
        }
    }
    for equation in EQUATIONS {
        assert!(
            cited.iter().any(|c| c == equation),
            "no line of the sources carries ({equation})"
        );
    }
}

#[test]
fn every_test_that_a_comment_appeals_to_exists() {
    let sources = Sources::read();
    let mut appeals = 0;
    for file in &sources.0 {
        for line in file
            .text
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("/// Proved by "))
        {
            for name in backticked(line) {
                appeals += 1;
                assert!(
                    sources.has_test(name),
                    "{}: \"Proved by `{name}`\", but there is no such test",
                    file.path.display()
                );
            }
        }
    }
    assert!(appeals > 10, "only {appeals} comments name their test");
}

/// The checks above can fail: on a page with each kind of mistake they find it.
#[test]
fn planted_mistakes_are_found() {
    let sources = Sources::read();
    let complaints = |text: &str| {
        let page = Page::read(text);
        [page.complaints.clone(), missing(&page, &sources)].concat()
    };
    let good = "```equation\nz = 1 (F1)\n```\n*Code:* `DenseLayer::forward` · *Test:* `planted_mistakes_are_found`\n";
    assert_eq!(complaints(good), [""; 0]);
    for (from, to, expected) in [
        (
            "DenseLayer::forward",
            "DenseLayer::fordward",
            "no function `DenseLayer::fordward`",
        ),
        (
            "DenseLayer::forward",
            "OutState::forward",
            "no function `OutState::forward`",
        ), // another type's
        (
            "DenseLayer::forward",
            "momentum::forward",
            "no function `momentum::forward`",
        ), // another module's
        ("planted_mistakes_are_found", "planted", "no test `planted`"),
        ("planted_mistakes_are_found", "missing", "no test `missing`"), // a function, but not a test
        (
            "`planted_mistakes_are_found`",
            "\n`planted`",
            "no test `planted`",
        ), // on the next line
        (
            "```\n*Code",
            "```\n*Test:* `planted`\n*Code",
            "no test `planted`",
        ), // an answer's
        ("*Code:*", "Code:", "(F1) has no line"),
        (
            " · *Test:* `planted_mistakes_are_found`",
            "",
            "names no test",
        ),
        (
            "`DenseLayer::forward`",
            "DenseLayer::forward",
            "names no function",
        ),
        ("\n```", "\nw = 1 (F2)\n```", "(F1) has no line"),
    ] {
        assert!(good.contains(from));
        let found = complaints(&good.replacen(from, to, 1)).join("\n");
        assert!(
            found.contains(expected),
            "{from} → {to}: {found:?} does not say {expected:?}"
        );
    }
}

/// What the page's lines name.
#[derive(Default)]
struct Page {
    equations: Vec<String>,
    code: Vec<String>,
    tests: Vec<String>,
    complaints: Vec<String>,
}

impl Page {
    fn read(text: &str) -> Page {
        let mut page = Page::default();
        let mut open: Option<String> = None;
        let mut in_equation = false;
        for line in with_whole_names(text) {
            if line.starts_with("```") {
                in_equation = line == "```equation";
            }
            if let Some(number) = number_at_the_end(&line).filter(|_| in_equation) {
                page.complain_about(open.replace(number.to_string()));
                page.equations.push(number.to_string());
            }
            if let Some(tests) = line.strip_prefix("*Test:*") {
                page.tests.extend(backticked(tests).map(str::to_string));
            }
            let Some(names) = line.strip_prefix("*Code:*") else {
                continue;
            };
            let (code, tests) = names.split_once("*Test:*").unwrap_or((names, ""));
            if backticked(code).next().is_none() {
                page.complaints
                    .push(format!("the line {line:?} names no function"));
            }
            if backticked(tests).next().is_none() {
                page.complaints
                    .push(format!("the line {line:?} names no test"));
            }
            page.code.extend(backticked(code).map(str::to_string));
            page.tests.extend(backticked(tests).map(str::to_string));
            open = None;
        }
        page.complain_about(open);
        page
    }

    fn complain_about(&mut self, equation: Option<String>) {
        if let Some(equation) = equation {
            self.complaints.push(format!(
                "({equation}) has no line \"*Code:* … · *Test:* …\" below it"
            ));
        }
    }
}

/// The lines of a page; a paragraph of names is one line.
fn with_whole_names(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut in_names = false;
    for line in text.lines() {
        match lines.last_mut() {
            Some(names) if in_names && !line.is_empty() => *names += &format!(" {line}"),
            _ => {
                in_names = line.starts_with("*Code:*") || line.starts_with("*Test:*");
                lines.push(line.to_owned());
            }
        }
    }
    lines
}

fn missing(page: &Page, sources: &Sources) -> Vec<String> {
    let code = page
        .code
        .iter()
        .filter(|name| !sources.has_function(name))
        .map(|name| format!("no function `{name}`"));
    let tests = page
        .tests
        .iter()
        .filter(|name| !sources.has_test(name))
        .map(|name| format!("no test `{name}`"));
    code.chain(tests).collect()
}

/// A Rust file of the workspace.
struct File {
    path: PathBuf,
    text: String,
}

impl File {
    /// Whether it belongs to a crate's `src`, not to its `tests`.
    fn is_source(&self) -> bool {
        self.path.components().any(|part| part.as_os_str() == "src")
    }
}

/// All files in `crates/*/src`, `crates/*/tests` and `xtask/tests`.
struct Sources(Vec<File>);

impl Sources {
    fn read() -> Sources {
        let mut sources = Sources(Vec::new());
        for krate in fs::read_dir(root().join("crates")).unwrap() {
            for part in ["src", "tests"] {
                sources.add(&krate.as_ref().unwrap().path().join(part));
            }
        }
        sources.add(&root().join("xtask/tests"));
        sources
    }

    fn add(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        }; // a crate may have no tests folder
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.add(&path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                self.0.push(File { path, text });
            }
        }
    }

    /// Whether some source has the function of a path such as `forward`, `DenseLayer::forward` or `adam::Step::update`.
    /// A capitalised part is a type or trait with the function in one of its blocks, any other a file or folder.
    fn has_function(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split("::").collect();
        let (name, owners) = parts.split_last().expect("a split has at least one part");
        self.0.iter().filter(|file| file.is_source()).any(|file| {
            let is_type = |part: &str| part.starts_with(char::is_uppercase);
            let in_file = owners.iter().filter(|part| !is_type(part)).all(|module| {
                file.path
                    .with_extension("")
                    .components()
                    .any(|part| part.as_os_str() == *module)
            });
            let owner = owners.iter().find(|part| is_type(part));
            in_file
                && owner.map_or_else(
                    || defines(&file.text, name),
                    |owner| defines_in_block(&file.text, owner, name),
                )
        })
    }

    /// Whether there is a function of this name under a `#[test]` attribute.
    fn has_test(&self, name: &str) -> bool {
        let mut files = self.0.iter().filter(|file| defines(&file.text, name));
        files.any(|file| {
            let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
            let above = |at: usize| {
                lines[..at]
                    .iter()
                    .rev()
                    .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
            };
            (0..lines.len())
                .any(|at| defines(lines[at], name) && above(at).any(|line| *line == "#[test]"))
        })
    }
}

/// Whether the text has `fn name` with its parenthesis or type parameters.
fn defines(text: &str, name: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find("fn ") {
        rest = &rest[at + 3..];
        if rest
            .strip_prefix(name)
            .is_some_and(|after| after.starts_with(['(', '<']))
        {
            return true;
        }
    }
    false
}

/// The same, inside an `impl` block of the type or the definition of the trait. rustfmt ends a block with a `}` below
/// its first letter.
fn defines_in_block(text: &str, owner: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    (0..lines.len()).any(|start| {
        let line = lines[start];
        let (indent, head) = line.split_at(line.len() - line.trim_start().len());
        let opens = ["impl ", "impl<", "trait ", "pub trait "]
            .iter()
            .any(|word| head.starts_with(word));
        let of_owner = head
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == owner);
        let end = format!("{indent}}}");
        let block = || lines[start..].iter().take_while(|line| **line != end);
        opens && of_owner && block().any(|line| defines(line, name))
    })
}

/// `a` and `b` of "`a`, `b`".
fn backticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The equation numbers of a line, in parentheses: "(F1)", "(B2, B3)", "(B1–B4)", "(O4; with λ > 0 O5)".
fn citations(line: &str) -> impl Iterator<Item = &str> {
    let groups = line
        .split('(')
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(group, _)| group);
    let words = |group| str::split(group, |c: char| !c.is_alphanumeric());
    groups
        .filter(move |group| words(group).next().is_some_and(is_number))
        .flat_map(words)
        .filter(|word| is_number(word))
}

/// The F1 of a line that ends with "(F1)".
fn number_at_the_end(line: &str) -> Option<&str> {
    let (_, number) = line.strip_suffix(')')?.rsplit_once('(')?;
    is_number(number).then_some(number)
}

/// One letter of the page's families and digits.
fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix(['F', 'L', 'B', 'E', 'A', 'O', 'S', 'I', 'G']);
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page_text() -> String {
    fs::read_to_string(root().join("docs/backpropagation.md")).expect("the page is in docs/")
}
