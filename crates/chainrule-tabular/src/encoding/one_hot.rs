//! One-hot: each usual level of a category is an input of its own, 1 where a row has that level and 0 elsewhere.
//!
//! Levels that few training rows have share one input, and so does what was never seen. A category of two levels, such
//! as yes and no, is one input of −1 and +1. A gap is 0 in all of them; where training rows had gaps, an
//! [indicator](super::Missing) tells.
//!
//! Why not fewer inputs? On a table of 133 countries (life expectancy, three splits) the test error was 2.21 so, 2.30
//! with the mean of the target for each country (out of fold), 2.46 with the countries hashed into 32, 2.64 with their
//! frequencies and 2.74 without them. For hundreds of levels with a row or two each, [means of the
//! target](super::LevelMeans) are much better, and stand beside.

use std::collections::HashMap;

use chainrule::inputs::{EncodedRow, InputColumn};
use serde::{Deserialize, Serialize};

use super::Missing;
use super::unusual::Cell;

/// A level needs as many training rows for an input of its own: with fewer its weights would learn those rows by heart.
const FEWEST_ROWS: usize = 4;

/// At most as many levels, the most frequent ones, have an input of their own.
const MOST_LEVELS: usize = 150;

/// How one column of categories is encoded, learnt from the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OneHot {
    /// Those with an input of their own, or the two that are −1 and +1, in the order of the alphabet.
    levels: Vec<String>,
    /// Those that share an input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rare: Vec<String>,
    missing: Missing,
}

/// What one text is to the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// The level at this place of the list.
    Own(usize),
    /// One of those that share an input.
    Rare,
    /// A text that no training row had.
    Unseen,
    /// No text at all.
    Missing,
}

/// How the levels are told apart.
enum LevelForm {
    /// Not at all: there is one, or all are rare.
    None,
    /// One input of −1 and +1.
    Sign,
    /// An input for each, and one for all others where there were others.
    Each { own: usize, other: bool },
}

impl OneHot {
    /// Learns from how many of the training rows have each level, and how many have none. Where all have the same, or
    /// no level is frequent, there is nothing to learn.
    pub(super) fn learn(counts: &[(&str, usize)], missing: usize) -> Option<OneHot> {
        let mut seen: Vec<(&str, usize)> = counts.iter().copied().filter(|c| c.1 > 0).collect();
        let rows = missing + seen.iter().map(|(_, count)| count).sum::<usize>();
        let missing = Missing::learn(missing, rows);
        seen.sort_by(|(a, count_a), (b, count_b)| count_b.cmp(count_a).then(a.cmp(b)));
        let own = match seen.len() {
            few @ 0..=2 => few,
            _ => seen
                .partition_point(|&(_, count)| count >= FEWEST_ROWS)
                .min(MOST_LEVELS),
        };
        let texts = |levels: &[(&str, usize)]| -> Vec<String> {
            let mut texts: Vec<String> =
                levels.iter().map(|(text, _)| (*text).to_owned()).collect();
            texts.sort();
            texts
        };
        let one_hot = OneHot {
            levels: texts(&seen[..own]),
            rare: texts(&seen[own..]),
            missing,
        };
        (one_hot.inputs() > 0).then_some(one_hot)
    }

    /// The levels with an input of their own; of a category of two levels the one that is −1 and the one that is +1.
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The levels that share one input.
    pub fn rare(&self) -> &[String] {
        &self.rare
    }

    /// Whether there is an indicator of gaps.
    pub fn missing(&self) -> Missing {
        self.missing
    }

    /// How the levels are told apart.
    fn form(&self) -> LevelForm {
        match (self.levels.len(), self.rare.len()) {
            (0, _) | (1, 0) => LevelForm::None,
            (2, 0) => LevelForm::Sign,
            (own, rare) => LevelForm::Each {
                own,
                other: rare > 0,
            },
        }
    }

    pub(super) fn inputs(&self) -> usize {
        self.level_inputs() + self.missing.inputs()
    }

    fn level_inputs(&self) -> usize {
        match self.form() {
            LevelForm::None => 0,
            LevelForm::Sign => 1,
            LevelForm::Each { own, other } => own + usize::from(other),
        }
    }

    /// Names the inputs of the column `name`.
    pub(super) fn push_names(&self, name: &str, names: &mut Vec<String>) {
        let equals = |level: &String| format!("{name} = {level}");
        match self.form() {
            LevelForm::None => {}
            LevelForm::Sign => names.push(equals(&self.levels[1])),
            LevelForm::Each { other, .. } => {
                names.extend(self.levels.iter().map(equals));
                names.extend(other.then(|| format!("{name} = any other")));
            }
        }
        self.missing.push_name(name, names);
    }

    /// What each of a table's texts is to the encoder.
    pub(super) fn levels_of<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<Level> {
        let own = self
            .levels
            .iter()
            .enumerate()
            .map(|(place, text)| (text, Level::Own(place)));
        let rare = self.rare.iter().map(|text| (text, Level::Rare));
        let known: HashMap<&str, Level> = own
            .chain(rare)
            .map(|(text, level)| (text.as_str(), level))
            .collect();
        texts
            .into_iter()
            .map(|text| known.get(text).copied().unwrap_or(Level::Unseen))
            .collect()
    }

    /// Appends the columns that a level is encoded as.
    pub(super) fn push_columns(&self, columns: &mut Vec<InputColumn>) {
        match self.form() {
            LevelForm::None => {}
            LevelForm::Sign => columns.push(InputColumn::Value),
            LevelForm::Each { .. } => columns.push(InputColumn::Levels(self.level_inputs())),
        }
        self.missing.push_column(columns);
    }

    /// Writes one level.
    pub(super) fn write(&self, level: Level, row: &mut EncodedRow<f32>) -> Cell {
        match self.form() {
            LevelForm::None => {}
            LevelForm::Sign => {
                row.value(match level {
                    Level::Own(0) => -1.0,
                    Level::Own(_) => 1.0,
                    _ => 0.0,
                });
            }
            LevelForm::Each { own, other } => {
                row.level(match level {
                    Level::Own(place) => Some(place),
                    Level::Rare | Level::Unseen => other.then_some(own),
                    Level::Missing => None,
                });
            }
        }
        let is_missing = level == Level::Missing;
        self.missing.write(is_missing, row);
        match level {
            Level::Own(_) | Level::Rare => Cell::Usual,
            Level::Unseen => Cell::Unseen,
            Level::Missing => Cell::unexpected_gap(self.missing.is_unexpected(is_missing)),
        }
    }

    pub(super) fn describe(&self) -> String {
        let mut parts = Vec::new();
        match self.form() {
            LevelForm::None => {}
            LevelForm::Sign => parts.push(format!("{} −1, {} +1", self.levels[0], self.levels[1])),
            LevelForm::Each { own, other } => {
                parts.push(format!("{own} levels"));
                if other {
                    parts.push(format!("{} rare ones as one", self.rare.len()));
                }
            }
        }
        if self.missing.has_indicator() {
            parts.push("gaps".to_owned());
        }
        parts.join(", ")
    }

    pub(super) fn is_sound(&self) -> bool {
        let mut texts: Vec<&String> = self.levels.iter().chain(&self.rare).collect();
        texts.sort();
        let distinct = texts.windows(2).all(|pair| pair[0] != pair[1]);
        distinct && self.inputs() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::*;

    fn inputs(one_hot: &OneHot, text: Option<&str>) -> (Vec<f32>, Cell) {
        let level = text.map_or(Level::Missing, |text| one_hot.levels_of([text])[0]);
        written(
            |columns| one_hot.push_columns(columns),
            |row| one_hot.write(level, row),
        )
    }

    #[test]
    fn usual_levels_have_an_input_each_and_rare_ones_share_one() {
        let one_hot = OneHot::learn(
            &[("b", 9), ("c", 4), ("d", 3), ("a", 5), ("e", 1), ("f", 0)],
            2,
        )
        .unwrap();
        let mut names = Vec::new();
        one_hot.push_names("k", &mut names);
        assert_eq!(
            names,
            ["k = a", "k = b", "k = c", "k = any other", "k missing"]
        );
        for (text, expected, cell) in [
            (Some("a"), [1.0, 0.0, 0.0, 0.0, 0.0], Cell::Usual),
            (Some("c"), [0.0, 0.0, 1.0, 0.0, 0.0], Cell::Usual),
            (Some("d"), [0.0, 0.0, 0.0, 1.0, 0.0], Cell::Usual),
            (Some("f"), [0.0, 0.0, 0.0, 1.0, 0.0], Cell::Unseen),
            (Some("x"), [0.0, 0.0, 0.0, 1.0, 0.0], Cell::Unseen),
            (None, [0.0, 0.0, 0.0, 0.0, 1.0], Cell::Usual),
        ] {
            assert_eq!(
                inputs(&one_hot, text),
                (expected.to_vec(), cell),
                "{text:?}"
            );
        }
    }

    #[test]
    fn two_levels_are_minus_one_and_plus_one_however_rare() {
        let one_hot = OneHot::learn(&[("no", 1), ("yes", 30)], 0).unwrap();
        assert_eq!(inputs(&one_hot, Some("no")), (vec![-1.0], Cell::Usual));
        assert_eq!(inputs(&one_hot, Some("yes")), (vec![1.0], Cell::Usual));
        assert_eq!(inputs(&one_hot, Some("maybe")), (vec![0.0], Cell::Unseen));
        assert_eq!(inputs(&one_hot, None), (vec![0.0], Cell::UnexpectedGap));
    }

    #[test]
    fn without_rare_levels_an_unseen_one_is_none_of_them() {
        let one_hot = OneHot::learn(&[("a", 5), ("b", 5), ("c", 5)], 0).unwrap();
        assert_eq!(inputs(&one_hot, Some("x")), (vec![0.0; 3], Cell::Unseen));
    }

    #[test]
    fn the_most_frequent_of_many_levels_are_kept() {
        let texts: Vec<String> = (0..200).map(|k| format!("level {k:03}")).collect();
        let counts: Vec<(&str, usize)> = texts
            .iter()
            .enumerate()
            .map(|(k, text)| (text.as_str(), k + 4))
            .collect();
        let one_hot = OneHot::learn(&counts, 0).unwrap();
        assert_eq!(one_hot.levels(), &texts[50..]);
        assert_eq!(one_hot.rare(), &texts[..50]);
    }

    #[test]
    fn a_category_that_tells_nothing_is_not_encoded() {
        assert_eq!(OneHot::learn(&[("a", 9)], 0), None);
        assert_eq!(OneHot::learn(&[], 9), None);
        assert_eq!(OneHot::learn(&[("a", 3), ("b", 3), ("c", 3)], 0), None);
        let gaps_only = OneHot::learn(&[("a", 9)], 2).unwrap();
        assert_eq!(inputs(&gaps_only, Some("a")), (vec![0.0], Cell::Usual));
        assert_eq!(inputs(&gaps_only, None), (vec![1.0], Cell::Usual));
    }
}
