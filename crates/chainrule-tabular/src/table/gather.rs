//! Takes in the cells of one column before it is known what they are.
//!
//! Numbers in plain form are kept as numbers, every other text once, with its number of cells. A column of many
//! different texts (numbers with decimal commas, dates) is decided as soon as enough of them have been seen, so that a
//! long table does not pile up texts.

use std::collections::HashMap;
use std::sync::Arc;

use super::column::MISSING_TIME;
use super::numbers::{self, Evidence, Point, plain};
use super::plan::{Form, LeftOut, NumberFormat, TimeFormat, TimeOrder};
use super::source::Cell;
use super::times;

/// So many different texts are enough to see how a column writes its values.
const ENOUGH: usize = 4096;

/// The most levels of a category. A column of more texts names its rows.
pub(super) const MOST_LEVELS: usize = 100_000;

/// The share of cells that a form must read for the column to be settled before its end.
const SETTLING_SHARE: f64 = 0.98;

/// What stands in a cell: a number, nothing, or one of the texts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Gathered {
    Number(f64),
    Missing,
    Text(u32),
}

/// A number, or a NaN whose lower half is 0 for a missing value and the text's number plus 1 for a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boxed(f64);

impl Boxed {
    const MISSING: Boxed = Boxed(f64::NAN);

    fn text(number: u32) -> Boxed {
        Boxed(f64::from_bits(
            f64::NAN.to_bits() & !0xffff_ffff | u64::from(number + 1),
        ))
    }

    pub(super) fn get(self) -> Gathered {
        if !self.0.is_nan() {
            return Gathered::Number(self.0);
        }
        match self.0.to_bits() as u32 {
            0 => Gathered::Missing,
            number => Gathered::Text(number - 1),
        }
    }
}

/// A text that is no plain number.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub text: Arc<str>,
    /// How many cells hold it.
    pub cells: u64,
    /// The first row that does.
    pub first_row: usize,
}

/// The cells of a column, as far as it has been read.
#[derive(Clone, Debug, Default)]
pub(super) struct Gatherer {
    pub cells: Vec<Boxed>,
    /// Points in time where the column is settled as such; in `cells` stand missing values and texts.
    pub times: Vec<i64>,
    pub texts: Vec<Text>,
    places: HashMap<Arc<str>, u32>,
    /// How many cells hold plain numbers.
    pub plain: u64,
    points: bool,
    decimal_points: bool,
    /// What the column was settled as before its end.
    pub settled: Option<Form>,
    look_again_at: usize,
    missing: Arc<MissingWords>,
}

/// The words that are plain numbers.
pub(super) fn numbers_among(words: &[String]) -> Vec<f64> {
    let plain = words
        .iter()
        .filter_map(|word| plain(word.trim().as_bytes()));
    plain.map(|number| number.value).collect()
}

/// Texts that stand for a missing value.
#[derive(Clone, Debug, Default)]
pub(super) struct MissingWords {
    words: Vec<String>,
    numbers: Vec<f64>,
}

impl MissingWords {
    /// The usual words and these.
    pub(super) fn new(more: &[String]) -> MissingWords {
        MissingWords {
            words: more.iter().map(|word| word.trim().to_lowercase()).collect(),
            numbers: numbers_among(more),
        }
    }

    pub(super) fn hold(&self, text: &str) -> bool {
        const LONGEST_USUAL: usize = 4;
        text.is_empty()
            || text.len() <= LONGEST_USUAL
                && super::MISSING_WORDS
                    .iter()
                    .any(|word| text.eq_ignore_ascii_case(word))
            || !self.words.is_empty() && self.words.contains(&text.to_lowercase())
    }

    pub(super) fn hold_number(&self, number: f64) -> bool {
        self.numbers.contains(&number)
    }
}

impl Gatherer {
    pub(super) fn new(missing: Arc<MissingWords>) -> Gatherer {
        Gatherer {
            missing,
            look_again_at: ENOUGH,
            ..Gatherer::default()
        }
    }

    /// Takes in the next cell.
    #[inline]
    pub(super) fn push(&mut self, cell: Cell<'_>) {
        if matches!(self.settled, Some(Form::Time(_))) {
            return self.push_into_times(cell);
        }
        let gathered = match cell {
            Cell::Text(text) => self.text(text),
            Cell::Missing => Boxed::MISSING,
            Cell::Number(number) => self.number(number),
            Cell::Boolean(value) => self.intern(if value { "true" } else { "false" }),
            Cell::Time(time, resolution) => {
                if self.plain == 0 && self.texts.is_empty() && self.settled.is_none() {
                    self.times = vec![MISSING_TIME; self.cells.len()];
                    self.settled = Some(Form::Time(TimeFormat {
                        order: TimeOrder::YearFirst,
                        resolution,
                    }));
                    return self.push_into_times(cell);
                }
                self.intern(&times::in_words(time))
            }
        };
        self.cells.push(gathered);
    }

    /// A cell of a column that is settled as points in time.
    fn push_into_times(&mut self, cell: Cell<'_>) {
        let Some(Form::Time(format)) = &mut self.settled else {
            unreachable!("the caller looked");
        };
        let read = match cell {
            Cell::Time(time, resolution) => Some((time, resolution)),
            Cell::Text(text) => times::take_apart(text).and_then(|written| {
                Some((written.microseconds(format.order)?, written.resolution))
            }),
            _ => None,
        };
        if let Some((time, resolution)) = read {
            format.resolution = format.resolution.max(resolution);
            self.cells.push(Boxed::MISSING);
            self.times.push(time);
            return;
        }
        let gathered = match cell {
            Cell::Text(text) if !self.missing.hold(text.trim()) => self.intern(text.trim()),
            Cell::Boolean(value) => self.intern(if value { "true" } else { "false" }),
            Cell::Number(number) if !number.is_nan() => self.intern(&number.to_string()),
            _ => Boxed::MISSING,
        };
        self.cells.push(gathered);
        self.times.push(MISSING_TIME);
    }

    #[inline]
    fn text(&mut self, text: &str) -> Boxed {
        match &self.settled {
            None => match plain(text.as_bytes()) {
                Some(number) => {
                    self.points |= number.point != Point::None;
                    self.decimal_points |= number.point == Point::Decimal;
                    self.number(number.value)
                }
                None => self.other_text(text),
            },
            Some(_) => self.text_of_settled(text),
        }
    }

    fn number(&mut self, number: f64) -> Boxed {
        if number.is_nan() || self.missing.hold_number(number) {
            return Boxed::MISSING;
        }
        if number.is_infinite() {
            return self.intern(if number > 0.0 { "inf" } else { "-inf" });
        }
        self.plain += 1;
        Boxed(number)
    }

    /// A text that is no plain number as it stands; it may be one without the space around it.
    #[cold]
    fn other_text(&mut self, text: &str) -> Boxed {
        let trimmed = text.trim();
        if trimmed.len() < text.len() && !trimmed.is_empty() {
            return self.text(trimmed);
        }
        if self.missing.hold(trimmed) {
            Boxed::MISSING
        } else {
            self.intern(trimmed)
        }
    }

    fn text_of_settled(&mut self, text: &str) -> Boxed {
        let text = text.trim();
        if self.missing.hold(text) {
            return Boxed::MISSING;
        }
        match &self.settled {
            Some(Form::Number(format)) => match numbers::read(text, format) {
                Some(number) => self.number(number),
                None => self.intern(text),
            },
            Some(Form::LeftOut(_)) => Boxed::MISSING,
            _ => self.intern(text),
        }
    }

    fn intern(&mut self, text: &str) -> Boxed {
        if let Some(&number) = self.places.get(text) {
            self.texts[number as usize].cells += 1;
            return Boxed::text(number);
        }
        let number = self.texts.len() as u32;
        let text: Arc<str> = Arc::from(text);
        self.places.insert(Arc::clone(&text), number);
        self.texts.push(Text {
            text,
            cells: 1,
            first_row: self.cells.len(),
        });
        Boxed::text(number)
    }

    /// How the column's numbers may be written.
    pub(super) fn evidence(&self) -> Evidence {
        Evidence {
            plain: self.plain,
            points: self.points,
            decimal_points: self.decimal_points,
            others: self
                .texts
                .iter()
                .map(|text| (text.text.to_string(), text.cells))
                .collect(),
        }
    }

    /// How many cells hold something.
    pub(super) fn filled(&self) -> u64 {
        let times = self
            .times
            .iter()
            .filter(|&&time| time != MISSING_TIME)
            .count() as u64;
        self.plain + times + self.texts.iter().map(|text| text.cells).sum::<u64>()
    }

    /// Decides what the column is if enough different texts have been seen and they leave no doubt.
    pub(super) fn settle_if_clear(&mut self, decimal: Option<char>, categorical: bool) {
        if self.settled.is_some() || self.texts.len() < self.look_again_at {
            return;
        }
        self.look_again_at = 2 * self.texts.len();
        let filled = self.filled() as f64;
        if !categorical {
            let candidates = self.evidence().candidates(decimal);
            if candidates.cells as f64 > SETTLING_SHARE * filled
                && let Some(sign) = candidates.decimal()
            {
                let format = candidates
                    .with_decimal(sign)
                    .expect("it is one of them")
                    .clone();
                return self.settle_as_number(format);
            }
            let (orders, resolution, cells) =
                times::orders_of(self.texts.iter().map(|text| (&*text.text, text.cells)));
            let ambiguous = orders == [TimeOrder::DayFirst, TimeOrder::MonthFirst];
            if cells as f64 > SETTLING_SHARE * filled && !ambiguous {
                return self.settle_as_time(TimeFormat {
                    order: orders[0],
                    resolution,
                });
            }
        }
        if self.texts.len() > MOST_LEVELS {
            let why = if self.texts_are_long() {
                LeftOut::FreeText
            } else {
                LeftOut::Identifier
            };
            self.settled = Some(Form::LeftOut(why));
            self.texts = Vec::new();
            self.places = HashMap::new();
            self.cells.fill(Boxed::MISSING);
        }
    }

    /// Whether the texts are sentences rather than names.
    pub(super) fn texts_are_long(&self) -> bool {
        let signs: usize = self.texts.iter().map(|text| text.text.len()).sum();
        let spaces: usize = self
            .texts
            .iter()
            .map(|text| text.text.matches(' ').count())
            .sum();
        signs > 40 * self.texts.len() || spaces > self.texts.len()
    }

    /// Reads all cells so far by this format; those that it does not read stay texts.
    pub(super) fn settle_as_number(&mut self, format: NumberFormat) {
        let read: Vec<Option<f64>> = self
            .texts
            .iter()
            .map(|text| numbers::read(&text.text, &format))
            .collect();
        for cell in &mut self.cells {
            match cell.get() {
                Gathered::Number(number) => *cell = Boxed(numbers::plain_in(number, &format)),
                Gathered::Missing => {}
                Gathered::Text(number) => {
                    if let Some(value) = read[number as usize] {
                        *cell = if self.missing.hold_number(value) {
                            Boxed::MISSING
                        } else {
                            Boxed(value)
                        };
                    }
                }
            }
        }
        self.plain += self.forget_texts(|number| read[number].is_some());
        self.settled = Some(Form::Number(format));
    }

    pub(super) fn settle_as_time(&mut self, format: TimeFormat) {
        let read: Vec<Option<i64>> = self
            .texts
            .iter()
            .map(|text| times::read(&text.text, &format))
            .collect();
        self.times = Vec::with_capacity(self.cells.len());
        for cell in &mut self.cells {
            let mut time = MISSING_TIME;
            if let Gathered::Text(number) = cell.get()
                && let Some(value) = read[number as usize]
            {
                time = value;
                *cell = Boxed::MISSING;
            }
            self.times.push(time);
        }
        self.forget_texts(|number| read[number].is_some());
        self.settled = Some(Form::Time(format));
    }

    /// Drops texts to which no cell refers any more; gives the number of cells that they had.
    fn forget_texts(&mut self, is_read: impl Fn(usize) -> bool) -> u64 {
        let mut cells = 0;
        let mut kept = Vec::new();
        let mut new_number = vec![0; self.texts.len()];
        for (number, text) in std::mem::take(&mut self.texts).into_iter().enumerate() {
            if is_read(number) {
                cells += text.cells;
            } else {
                new_number[number] = kept.len() as u32;
                kept.push(text);
            }
        }
        for cell in &mut self.cells {
            if let Gathered::Text(number) = cell.get() {
                *cell = Boxed::text(new_number[number as usize]);
            }
        }
        self.places = kept
            .iter()
            .enumerate()
            .map(|(number, text)| (Arc::clone(&text.text), number as u32))
            .collect();
        self.texts = kept;
        cells
    }

    /// Makes the cells of these texts missing and drops the texts; gives the rows.
    pub(super) fn remove_texts(&mut self, is_removed: &[bool]) -> Vec<u32> {
        let mut rows = Vec::new();
        for (row, cell) in self.cells.iter_mut().enumerate() {
            if let Gathered::Text(number) = cell.get()
                && is_removed[number as usize]
            {
                *cell = Boxed::MISSING;
                rows.push(row as u32);
            }
        }
        self.forget_texts(|number| is_removed[number]);
        rows
    }
}
