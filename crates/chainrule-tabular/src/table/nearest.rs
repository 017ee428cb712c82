//! The name that was probably meant: the nearest by edit distance, whatever the case.

use strsim::osa_distance;

/// Nobody types a longer name by heart, and the work grows with the square of the length.
const LONGEST: usize = 64;

/// The name nearest to `wanted`, if it is near enough to be a slip: at most a third of the letters differ.
pub(super) fn nearest_name<'a>(wanted: &str, names: &'a [String]) -> Option<&'a str> {
    let length = letters_up_to(wanted, LONGEST)?;
    let farthest = (length / 3).max(1);
    let wanted = wanted.to_lowercase();
    names
        .iter()
        .filter(|name| {
            letters_up_to(name, length + farthest).is_some_and(|n| n + farthest >= length)
        })
        .map(|name| (osa_distance(&wanted, &name.to_lowercase()), name))
        .filter(|&(distance, _)| distance <= farthest && distance < length)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name.as_str())
}

/// How many letters the text has, without going through more than `most` of them.
fn letters_up_to(text: &str, most: usize) -> Option<usize> {
    let count = text.chars().take(most + 1).count();
    (count <= most).then_some(count)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_name_is_suggested_only_when_it_is_near() {
        let names: Vec<String> = ["area", "rooms", "Price", "id"].map(String::from).to_vec();
        assert_eq!(nearest_name("aera", &names), Some("area"));
        assert_eq!(nearest_name("zero", &names), None);
        assert_eq!(nearest_name("areas", &names), Some("area"));
        assert_eq!(nearest_name("price", &names), Some("Price"));
        assert_eq!(nearest_name("is", &names), Some("id"));
        assert_eq!(nearest_name("y", &names), None);
        assert_eq!(nearest_name("", &names), None);
    }

    #[test]
    fn neither_long_names_nor_many_of_them_take_long() {
        let begin = Instant::now();
        let mut names: Vec<String> = (0..100_000).map(|j| format!("measure_{j:06}")).collect();
        names.extend(["a".repeat(60_000), "b".repeat(60_000)]);
        assert_eq!(
            nearest_name("measur_000123", &names),
            Some("measure_000123")
        );
        assert_eq!(nearest_name(&"a".repeat(59_999), &names), None);
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "{:?}",
            begin.elapsed()
        );
    }
}
