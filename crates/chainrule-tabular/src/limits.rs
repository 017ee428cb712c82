//! How large a thing may be, checked before any work that grows with it: one list of constants, each with its reason.
//!
//! What a table, an option or a file asks of the machine's memory has no constant: [`memory`](crate::memory) compares
//! it with what there is.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Hidden layers of a network. Published dense networks have tens; a thousand still load at once, and their tensors'
/// names take less than a megabyte.
pub const MOST_HIDDEN_LAYERS: usize = 1000;

/// Bins into which a number is divided. 128 are the most that have paid; each makes an input of every column.
pub const MOST_BINS: usize = 1024;

/// Parts into which rows are cut for members that each do not see one. Errors of more parts than 20 hardly differ.
pub const MOST_FOLDS: usize = 100;

/// At most so many times as long are networks trained on all rows as those without a fold.
pub const MOST_REFIT_LENGTH: usize = 100;

/// Bags of members in a model. Four are usual.
pub const MOST_BAGS: usize = 100;

/// Of those, each may have networks that learn from all rows: they are a bag of their own in the model.
pub const MOST_BAGS_OF_A_MODEL: usize = 2 * MOST_BAGS;

/// Tensors of a model file: `W` and `b` of each layer of each member. Those of 1000 layers, or of 1000 members of two
/// hidden layers. A checkpoint has as many. Two more are for the intervals.
pub(crate) const MOST_TENSORS: usize = 6 * MOST_HIDDEN_LAYERS + 2 + 2;

/// Bytes of a model file's header, which is all of it but its numbers. The format allows no more, and 100 000 columns
/// with their scaling and their replayed rows need a fifth.
pub(crate) const LONGEST_HEADER: u64 = 100_000_000;

/// Rows of a table that a model keeps for one purpose: five to replay while it is loaded, a hundred to compare others
/// with.
pub(crate) const MOST_KEPT_ROWS: usize = 100;

/// Cells of the rows to compare with, one more a row: they take about 100 kB of a model file, and what is predicted to
/// tell what each column adds to a prediction grows with them.
pub(crate) const BACKGROUND_CELLS: usize = 15_000;

/// Fewer rows are no background.
pub(crate) const FEWEST_BACKGROUND_ROWS: usize = 20;

/// Rows that a model keeps with their predictions by networks that had not seen them, for its intervals: their coverage
/// is then off by chance by less than 1 %, and they take 32 kB.
pub(crate) const MOST_UNSEEN_ROWS: usize = 2000;

/// Bytes that are taken to be free where the system does not say how many are: more than most machines have, so that it
/// refuses only what would certainly fail.
pub(crate) const FREE_WHERE_UNKNOWN: u64 = 64 << 30;

/// A list of a file, given up where it grows longer than `MOST`.
pub(crate) fn at_most<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct List<T, const MOST: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST}")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                if list.len() == MOST {
                    return Err(A::Error::custom(format_args!(
                        "a list is longer than {MOST}"
                    )));
                }
                list.push(item);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(List::<T, MOST>(PhantomData))
}
