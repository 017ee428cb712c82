//! Pages of `train --report` and `report` in a real browser: from a phone's width to a desk's, light and dark.
//!
//! Chromium opens `browser.html`, which opens each page in frames and writes what is wrong with it as text. Chromium
//! prints that, and on standard error whatever the console was told.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Notes;
use crate::{process, repository};

const LOOKS: &str = include_str!("browser.html");

/// Names that Chromium goes by; the variable `CHROMIUM` adds one.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// What Chromium calls the schemes of colours.
const SCHEMES: [(&str, &str); 2] = [("dark", "0"), ("light", "1")];

pub fn run(root: &Path) -> Result<Notes, String> {
    let Some(chromium) = chromium() else {
        let note =
            "no page was opened: chromium is not installed here (CHROMIUM names another one)";
        return Ok(vec![note.to_owned()]);
    };
    let command = repository::build_release(root)?.join("release/chainrule");
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let pages = pages(&command, folder.path())?;
    let addresses: Vec<String> = pages
        .iter()
        .map(|page| format!("file://{}", page.display()))
        .collect();
    let list = serde_json::to_string(&addresses).map_err(|error| error.to_string())?;
    let looks = folder.path().join("looks.html");
    write(&looks, &LOOKS.replace("PAGES", &list))?;

    let mut grounds = Vec::new();
    for (scheme, number) in SCHEMES {
        let said = open(&chromium, &looks, number, folder.path())?;
        let ground = verdict(&said).map_err(|wrong| format!("{scheme}: {wrong}"))?;
        grounds.push(ground);
    }
    if grounds[0] == grounds[1] {
        return Err("a page has the same ground whether the system is light or dark".to_owned());
    }
    println!("{} pages at four widths in two schemes", pages.len());
    Ok(vec![])
}

/// Where the browser lies that is installed here, if one is: not all that drive it look along the path for its name.
pub(super) fn chromium() -> Option<PathBuf> {
    process::await_installation();
    let own = std::env::var("CHROMIUM").ok();
    let names = own.into_iter().chain(NAMES.map(str::to_owned));
    names
        .into_iter()
        .find(|name| process::works(Command::new(name).arg("--version")))
        .map(|name| located(&name))
}

fn located(program: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
        .unwrap_or_else(|| program.into())
}

/// Pages of models on tables that are easy to show and on some that are not.
fn pages(command: &Path, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let tables = [
        ("houses", houses(), vec!["--members", "2"]),
        (
            "few",
            "x,y\n1,2\n2,4.5\n4,7\n".to_owned(),
            vec!["--validation", "0"],
        ),
        ("wide", wide(), vec!["--epochs", "3"]),
        ("long", long(), vec!["--epochs", "2", "--batch", "512"]),
    ];
    let mut pages = Vec::new();
    for (name, table, options) in tables {
        let [csv, model, page, given] = ["csv", "safetensors", "html", "given.html"]
            .map(|ending| folder.join(format!("{name}.{ending}")));
        write(&csv, &table)?;
        let mut train = Command::new(command);
        train.arg("train").arg(&csv).args(["--target", "y"]);
        train.args(options).arg("--model").arg(&model);
        process::output(train.arg("--report").arg(&page))?;
        let mut report = Command::new(command);
        report.arg("report").arg(&model).arg(&csv);
        process::output(report.arg("--output").arg(&given))?;
        pages.extend([page, given]);
    }
    Ok(pages)
}

/// Names that are markup or have no place to break, a category, gaps.
fn houses() -> String {
    let mut csv = format!(
        "<script>console.error(1)</script>,{},kind,y\n",
        "unbroken".repeat(30)
    );
    for i in 0..80_usize {
        let kind = ["flat", "", "<b onclick=console.error(2)>house"][i % 3];
        let y = 1e5 + 1234.5 * (i * 37 % 80) as f64 + 5e4 * (i % 3) as f64;
        // Writing to a String cannot fail.
        let _ = writeln!(csv, "{},{}e9,{kind},{y}", i * 37 % 80, i * 7 % 11);
    }
    csv
}

/// More columns than a page shows at once, with long names and large numbers.
fn wide() -> String {
    let mut csv = "y".to_owned();
    (0..200).for_each(|column| {
        let _ = write!(csv, ",a_rather_long_name_of_a_column_number_{column}");
    });
    for i in 0..50_u64 {
        let _ = write!(csv, "\n{}", -123_456_789_012.5 * (i * 7 % 50) as f64);
        (0..200).for_each(|column| {
            let _ = write!(csv, ",{}", i * (column + 3) % 17);
        });
    }
    csv + "\n"
}

/// More rows than a figure has dots for.
fn long() -> String {
    let mut csv = "x,y\n".to_owned();
    for i in 0..4000_u64 {
        let (x, noise) = (i * 7919 % 1013, i * 2_654_435_761 % 997);
        let _ = writeln!(csv, "{x},{}", x + noise);
    }
    csv
}

/// What Chromium finds, and what it says, in this scheme of colours.
fn open(chromium: &Path, page: &Path, scheme: &str, folder: &Path) -> Result<String, String> {
    let mut command = Command::new(chromium);
    command.args(["--headless", "--no-sandbox", "--disable-gpu"]);
    command.args(["--allow-file-access-from-files", "--enable-logging=stderr"]);
    command.arg(format!("--blink-settings=preferredColorScheme={scheme}"));
    command.arg(format!(
        "--user-data-dir={}",
        folder.join("profile").display()
    ));
    command.args(["--virtual-time-budget=60000", "--dump-dom"]);
    let output = command.arg(format!("file://{}", page.display())).output();
    let output =
        output.map_err(|error| format!("{} cannot be run: {error}", chromium.display()))?;
    let [found, said] = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
    let told = said.lines().filter(|line| line.contains("CONSOLE"));
    Ok(told.fold(found.into_owned(), |all, line| format!("{all}\n{line}")))
}

/// The ground of the pages, if nothing is wrong with them.
fn verdict(said: &str) -> Result<String, String> {
    let found = said
        .split_once("LOOKED\n")
        .and_then(|(_, rest)| rest.split_once("END"));
    let (found, behind) = found.ok_or_else(|| format!("the browser found nothing out:\n{said}"))?;
    let (grounds, problems): (Vec<&str>, Vec<&str>) =
        found.lines().partition(|line| line.starts_with("GROUND "));
    let told = behind.lines().filter(|line| line.contains("CONSOLE"));
    let problems: Vec<&str> = problems.into_iter().chain(told).collect();
    match (problems.as_slice(), grounds.first()) {
        ([], Some(ground)) => Ok((*ground).to_owned()),
        ([], None) => Err("the browser opened no page".to_owned()),
        _ => Err(problems.join("\n")),
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_finds_or_is_told_is_wrong() {
        let found = |lines: &str| format!("<body>LOOKED\n{lines}END</body>");
        let good = "GROUND rgb(1, 2, 3)\n";
        assert_eq!(verdict(&found(good)).unwrap(), good.trim());
        let wide = verdict(&found(&format!("{good}page: too wide\n")));
        assert_eq!(wide.unwrap_err(), "page: too wide");
        let told = verdict(&(found(good) + "\n[1:INFO:CONSOLE:3] \"no\"")).unwrap_err();
        assert!(told.contains("\"no\""), "{told}");
        assert!(verdict(&found("")).is_err());
        assert!(verdict("<body></body>").is_err());
    }
}
