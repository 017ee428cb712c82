//! The name that was probably meant: the nearest by edit distance, whatever the case.

/// The name nearest to `wanted`, if it is near enough to be a slip: at most a third of the letters differ.
pub(super) fn nearest_name<'a>(wanted: &str, names: &'a [String]) -> Option<&'a str> {
    let wanted = letters(wanted);
    let farthest = (wanted.len() / 3).max(1);
    names
        .iter()
        .map(|name| (edit_distance(&wanted, &letters(name)), name))
        .filter(|&(distance, _)| distance <= farthest && distance < wanted.len())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name.as_str())
}

fn letters(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// The least number of letters to insert, delete or replace, or of neighbours to exchange, that turns `a` into `b`.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    // distance[i][j] is from a's first i letters to b's first j.
    let mut distance = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            distance[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = distance[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let deleted_or_inserted = distance[i - 1][j].min(distance[i][j - 1]) + 1;
                replaced.min(deleted_or_inserted)
            };
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                distance[i][j] = distance[i][j].min(distance[i - 2][j - 2] + 1);
            }
        }
    }
    distance[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance_counts_insertions_deletions_replacements_and_exchanges() {
        for (a, b, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("aera", "area", 1),
        ] {
            assert_eq!(edit_distance(&letters(a), &letters(b)), distance, "{a} {b}");
        }
    }

    #[test]
    fn a_name_is_suggested_only_when_it_is_near() {
        let names: Vec<String> = ["area", "rooms", "Price", "id"].map(String::from).to_vec();
        assert_eq!(nearest_name("aera", &names), Some("area"));
        assert_eq!(nearest_name("zero", &names), None);
        assert_eq!(nearest_name("areas", &names), Some("area"));
        assert_eq!(nearest_name("price", &names), Some("Price"));
        assert_eq!(nearest_name("is", &names), Some("id"));
        assert_eq!(nearest_name("y", &names), None);
    }
}
