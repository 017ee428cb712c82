//! The page as a reader gets it: whole, escaped, bounded, and with words for every figure.

use std::collections::HashSet;
use std::fmt::Write;
use std::io::Cursor;
use std::path::Path;

use chainrule::training::Control;
use chainrule_report::Portrait;
use chainrule_tabular::table::{PlannedReader, ReadOptions, TypedTable};
use chainrule_tabular::{Composition, Fitting, RegressorSettings};

/// The page of a training on a table, and of its model on the same table.
fn pages(csv: &str, target: &str, composition: impl Into<Composition>) -> [String; 2] {
    let read = Cursor::new(csv.to_owned());
    let (table, findings) =
        TypedTable::from_reader(read, "houses & <b>.csv", &ReadOptions::default()).unwrap();
    let mut fitting = Fitting::new(&table, target, composition).unwrap();
    fitting.run(&mut |_| Control::Continue).unwrap();
    let (model, report) = (fitting.regressor(), fitting.report());
    let path = Path::new("it's <here>.safetensors");
    let trained =
        Portrait::of_training(&model, path, &table, findings.clone(), &fitting, &report).unwrap();

    let names = model.columns().into_iter().chain([model.target()]);
    let names: Vec<String> = names.map(str::to_owned).collect();
    let read = Cursor::new(csv.to_owned());
    let options = ReadOptions::default();
    let mut reader =
        PlannedReader::from_reader(read, "given.csv", model.plan(), &names, &options).unwrap();
    let mut given = reader.next_block().unwrap().unwrap().table;
    while let Some(block) = reader.next_block().unwrap() {
        given.append(block.table);
    }
    let given = Portrait::of_table(&model, path, &given, findings).unwrap();
    [trained, given].map(|portrait| portrait.page("seed = 1 # </pre><script>alert(3)</script>"))
}

fn small(epochs: usize) -> RegressorSettings {
    let mut settings = RegressorSettings {
        hidden: vec![4],
        ..RegressorSettings::default()
    };
    settings.training.epochs = epochs;
    settings
}

/// Two bags over three folds.
fn bags() -> Composition {
    let mut second = small(12);
    second.hidden = vec![];
    Composition {
        folds: 3,
        refits: 0,
        refit_length: 1,
        bags: vec![small(20), second],
    }
}

fn houses(rows: usize) -> String {
    let mut csv = "area,kind,built,price\n".to_owned();
    for i in 0..rows {
        let kind = ["flat", "house", ""][i % 3];
        let area = 40 + 37 * i % 101;
        let price = 1000 + 30 * area + 500 * (i % 3) + i * 7919 % 89;
        writeln!(csv, "{area},{kind},{},{price}", 1950 + i * 11 % 70).unwrap();
    }
    csv
}

/// The values of an attribute, in the page's order.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let beginning = format!(" {name}=\"");
    let parts = page.split(&beginning).skip(1);
    parts.filter_map(|part| part.split('"').next()).collect()
}

/// What holds of every page.
#[track_caller]
fn expect_sound(page: &str) {
    assert!(page.starts_with("<!doctype html>"), "{:.80}", page);
    assert!(page.trim_end().ends_with("</html>"));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    let ids = attributes(page, "id");
    let known: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len(), "an id occurs twice: {ids:?}");
    let named = attributes(page, "aria-labelledby");
    let linked = attributes(page, "href");
    let linked = linked.iter().filter_map(|href| href.strip_prefix('#'));
    for id in named
        .iter()
        .flat_map(|names| names.split(' '))
        .chain(linked)
    {
        assert!(known.contains(id), "there is no {id}");
    }
    // Nothing is run and nothing is loaded.
    for loading in [
        "<script",
        "<img",
        "<link rel=\"stylesheet",
        " src=",
        "@import",
        "url(",
        "onerror=",
    ] {
        assert!(!page.contains(loading), "{loading}");
    }
    let figures = page.matches("<figure").count();
    assert!(figures > 0);
    assert_eq!(page.matches("role=\"img\"").count(), figures);
    assert_eq!(page.matches("<desc").count(), figures);
    for wrong in ["NaN", "inf<", "undefined", "{{", "{%"] {
        assert!(!page.contains(wrong), "{wrong}");
    }
    for tag in [
        "section", "table", "tr", "svg", "figure", "details", "div", "pre",
    ] {
        let opened = page.matches(&format!("<{tag}")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn the_page_of_a_training_tells_the_errors_of_unseen_rows_beside_those_of_simpler_models() {
    let [trained, given] = pages(&houses(120), "price", bags());
    expect_sound(&trained);
    expect_sound(&given);
    for words in [
        "On rows that its networks had not learnt from, the model errs by about",
        "ridge regression errs by",
        "always predicting the mean by",
        "Each of 120 rows was predicted by networks that had not learnt from it",
        "Errors in each fold",
        "One column has gaps.",
        "it&#39;s &#60;here&#62;.safetensors",
        "houses &#38; &#60;b&#62;.csv",
    ] {
        assert!(trained.contains(words), "{words}");
    }
    for words in [
        "The model may have learnt from these very rows",
        "When it was trained, it erred by",
    ] {
        assert!(given.contains(words), "{words}");
        assert!(!trained.contains(words), "{words}");
    }
    assert!(!given.contains("ridge regression errs"));
}

#[test]
fn the_same_training_gives_the_same_page() {
    let csv = houses(60);
    assert_eq!(pages(&csv, "price", bags()), pages(&csv, "price", bags()));
}

#[test]
fn the_page_says_whether_rows_were_kept_back() {
    let [with, _] = pages(&houses(60), "price", small(10));
    assert!(with.contains("12 rows were kept back from the training"));
    expect_sound(&with);
    let settings = RegressorSettings {
        validation_fraction: 0.0,
        ..small(10)
    };
    let [without, _] = pages(&houses(60), "price", settings);
    assert!(without.contains("No rows were kept back"));
    expect_sound(&without);
}

#[test]
fn names_and_texts_of_a_table_are_shown_and_never_obeyed() {
    let evil = "<script>alert(1)</script>";
    let target = r#""""><img src=x onerror=alert(2)>""#; // `">…` as CSV writes it
    let mut csv = format!("{evil},'&amp;,{target}\n");
    for i in 0..40 {
        let level = ["</style><script>alert(4)</script>", "${alert(5)}{{ 7*7 }}"][i % 2];
        writeln!(csv, "{},{level},{}", i * 7 % 40, 3 * i).unwrap();
    }
    let name = r#""><img src=x onerror=alert(2)>"#;
    for page in pages(&csv, name, bags()) {
        // Its own words are in it, so that only tags and attributes would be obeyed.
        let bare = page.replace("onerror=alert", "").replace(" src=x", "");
        assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
        assert!(page.contains("&#60;/style&#62;&#60;script&#62;alert(4)"));
        assert!(page.contains("&#34;&#62;&#60;img src=x onerror=alert(2)&#62;"));
        assert!(page.contains("&#60;/pre&#62;&#60;script&#62;alert(3)"));
        let template = "{{ 7*7 }}";
        assert!(page.contains(template));
        // In a figure the text is shortened.
        expect_sound(&bare.replace(template, "").replace("{{ 7…", ""));
    }
}

#[test]
fn names_of_columns_levels_and_targets_are_escaped_wherever_they_stand() {
    let [bare, level, target] = ["<b>&\"'", "<i>&\"'", "<u>&\"'"];
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let mut csv = format!("{},kind,{}\n", quoted(bare), quoted(target));
    for i in 0..60 {
        let level = [quoted(level), "other".to_owned()][i % 2].clone();
        writeln!(csv, "{},{level},{}", i * 7 % 60, 3 * i).unwrap();
    }
    for page in pages(&csv, target, bags()) {
        expect_sound(&page);
        for name in [bare, level, target] {
            let tag = &name[..3];
            assert!(!page.contains(tag), "{tag} is obeyed");
            assert!(!page.contains(&name[3..]), "{name} is not escaped");
            let escaped = format!("&#60;{}&#62;&#38;&#34;&#39;", &name[1..2]);
            assert!(page.matches(&escaped).count() > 1, "{name}");
        }
    }
}

#[test]
fn tables_of_few_rows_one_column_many_columns_and_long_names_have_pages() {
    let three = "x,y\n1,2\n2,4.5\n4,7\n";
    let settings = RegressorSettings {
        validation_fraction: 0.0,
        ..small(3)
    };
    for page in pages(three, "y", settings) {
        expect_sound(&page);
    }

    let names: Vec<String> = (0..200)
        .map(|j| format!("{j}{}", "lengthy".repeat(50)))
        .collect();
    let mut wide = names.join(",") + "\n";
    for i in 0..40_usize {
        let cells: Vec<String> = (0..200).map(|j| (i * (j + 3) % 17).to_string()).collect();
        wide += &(cells.join(",") + "\n");
    }
    for page in pages(&wide, &names[199], small(3)) {
        expect_sound(&page);
        assert!(page.contains("more columns<"));
    }
}

#[test]
fn the_page_of_a_long_table_is_as_small_as_that_of_a_short_one() {
    let mut csv = "x,y\n".to_owned();
    for i in 0..150_000_u64 {
        let noise = (i * 2_654_435_761 % 1009) as f64;
        writeln!(
            csv,
            "{},{}",
            i * 7919 % 1013,
            (i * 7919 % 1013) as f64 + noise
        )
        .unwrap();
    }
    let mut settings = small(1);
    settings.training.batch_size = Some(4096);
    let [trained, given] = pages(&csv, "y", settings);
    for page in [trained, given] {
        expect_sound(&page);
        assert!(page.len() < 600_000, "{} bytes", page.len());
    }
}

#[test]
fn numbers_of_any_size_leave_the_page_whole() {
    for unit in [1e-12, 1e9, 1e150] {
        let mut csv = "x,y\n".to_owned();
        for i in 0..50 {
            writeln!(csv, "{},{:e}", i * 7 % 50, unit * f64::from(i * 7 % 50)).unwrap();
        }
        for page in pages(&csv, "y", bags()) {
            expect_sound(&page);
        }
    }
}

#[test]
fn a_target_of_two_values_is_never_cut_within_one() {
    let mut csv = "x,y\n".to_owned();
    for i in 0..60 {
        writeln!(csv, "{},{}", i * 7 % 60, 5 + i % 2).unwrap();
    }
    let [page, _] = pages(&csv, "y", bags());
    expect_sound(&page);
    assert!(page.contains("The rows are cut into 2 parts"));
}

#[test]
fn a_model_that_is_no_better_than_the_mean_is_called_of_no_use() {
    let mut csv = "x,y\n".to_owned();
    for i in 0..80_u64 {
        writeln!(csv, "{},{}", i * 7 % 80, i * i * 2_654_435_761 % 1009).unwrap();
    }
    let mut settings = small(1);
    settings.training.learning_rate = 0.5;
    let [page, _] = pages(&csv, "y", settings);
    assert!(page.contains("The model does no better than always predicting the mean"));
    assert!(
        page.contains("<dd>−"),
        "a share of the variance below 0 has a true minus"
    );
    expect_sound(&page);
}

#[test]
fn a_model_that_is_nearly_perfect_is_not_called_perfect() {
    let mut csv = "x,y\n".to_owned();
    (0..200).for_each(|i| writeln!(csv, "{},{}", i * 7 % 200, 3 * (i * 7 % 200) + i % 2).unwrap());
    let mut settings = small(60);
    settings.hidden = vec![];
    settings.training.learning_rate = 0.05;
    let [page, _] = pages(&csv, "y", settings);
    assert!(page.contains("<dd>0.999</dd>"));
    assert!(page.contains("It explains 99 % of the variance"));
}

#[test]
fn the_page_shows_how_much_the_model_needs_each_column() {
    for page in pages(&houses(120), "price", bags()) {
        expect_sound(&page);
        let section = section(&page, "importance");
        for words in [
            "The model needs area most: shuffled, it makes the error",
            "Found on 120 rows by networks that had not seen them",
            "share their importance",
            "By fold",
        ] {
            assert!(section.contains(words), "{words} is not in {section}");
        }
        // In the figure from the bottom up, in the table from the top down.
        let places = [
            "area\n</text>",
            "<th scope=\"row\" class=\"name\">area</th>",
        ];
        for place in places {
            assert_eq!(section.matches(place).count(), 1, "{place} in {section}");
        }
    }
}

#[test]
fn of_a_wide_table_the_first_columns_are_drawn_and_all_are_listed() {
    let names: Vec<String> = (0..40).map(|j| format!("<i>{j}")).collect();
    let mut csv = format!("{},y\n", names.join(","));
    for r in 0..90 {
        let cells = (0..40).map(|j| (r * (j + 3) * 31 % 97).to_string());
        let cells: Vec<String> = cells.collect();
        writeln!(csv, "{},{}", cells.join(","), r * 93 % 97).unwrap();
    }
    let [page, _] = pages(&csv, "y", small(3));
    expect_sound(&page);
    let section = section(&page, "importance");
    let drawn = section.matches("\n&lt;i&gt;").count();
    assert_eq!((drawn, section.matches("class=\"name\"").count()), (16, 40));
    assert!(section.contains("24 more columns"));
}

/// A section of a page.
#[track_caller]
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let beginning = format!("<section id=\"{id}\"");
    let (_, section) = page
        .split_once(&beginning)
        .unwrap_or_else(|| panic!("no {id}"));
    section.split_once("</section>").unwrap().0
}

#[test]
fn the_page_draws_how_predictions_move_on_one_scale() {
    for page in pages(&houses(120), "price", bags()) {
        let section = section(&page, "dependence");
        assert_eq!(
            section.matches("<figure").count(),
            3,
            "a figure for each column"
        );
        for words in [
            "50 rows are predicted with one value in the column",
            "the mean prediction goes from",
            "The mean prediction is lowest with",
            "not what the world does",
        ] {
            assert!(section.contains(words), "{words} is not in {section}");
        }
        // A category's levels stand at the axis, and a gap is one of them.
        for level in ["\nflat\n", "\nhouse\n", "\nmissing\n"] {
            assert_eq!(section.matches(level).count(), 1, "{level}");
        }
        assert_eq!(
            section.matches("<polygon").count(),
            2,
            "a band for each number"
        );
    }
}

#[test]
fn the_page_compares_the_claimed_coverage_with_the_one_found_and_says_what_flatters() {
    let [trained, given] = pages(&houses(120), "price", bags());
    let words = "of new rows should lie within ±";
    for page in [&trained, &given] {
        let section = section(page, "intervals");
        assert!(section.contains(words), "{section}");
        assert_eq!(
            section.matches("<tr>").count(),
            5,
            "a line for each of four levels"
        );
        assert!(section.contains("<th scope=\"row\">90 %</th>"), "{section}");
    }
    let (ours, theirs) = (section(&trained, "intervals"), section(&given, "intervals"));
    assert!(
        ours.contains("They are learnt from 120 rows that the predicting networks had not seen")
    );
    assert!(theirs.contains("the rows of the given table"), "{theirs}");

    // Of noise every network finds an epoch that suits its own fold.
    let mut csv = "x,y\n".to_owned();
    (0..90).for_each(|r| writeln!(csv, "{},{}", r * 31 % 97, r * r * 93 % 97).unwrap());
    let mut composition = bags();
    for settings in &mut composition.bags {
        (settings.hidden, settings.training.learning_rate) = (vec![16], 0.1);
    }
    let [flattered, _] = pages(&csv, "y", composition);
    for words in [
        "because the networks&#39; best epochs were chosen on them",
        "which flatters; so the model&#39;s error is told",
        "% larger than it was found",
    ] {
        assert!(flattered.contains(words), "{words}");
    }

    let mut settings = small(2);
    settings.validation_fraction = 0.0;
    let [without, _] = pages(&houses(40), "price", settings);
    expect_sound(&without);
    assert!(!without.contains("id=\"intervals\"") && !without.contains("id=\"importance\""));
}
