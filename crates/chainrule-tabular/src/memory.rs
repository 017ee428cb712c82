//! What a training needs of the machine's memory, and what there is: compared before anything is allocated, because an
//! allocation that fails ends the process.
//!
//! Linux says what is free, what the process's control group may have, and what `ulimit -v` leaves; the least of them
//! counts. Other systems are taken to have [64 GiB](crate::limits) free.

use std::fmt;

use chainrule::optimizers::Optimizer;
use chainrule::processors;
use chainrule::training::TrainingSettings;
use thiserror::Error;

use crate::limits::FREE_WHERE_UNKNOWN;

/// More memory is needed than there is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what} needs about {} of memory, and about {} are free", Bytes(*needed), Bytes(*free))]
pub struct MemoryError {
    what: String,
    needed: u128,
    free: u64,
}

/// Refuses `what` if it needs more bytes than this process can still get.
///
/// # Errors
///
/// If it does.
pub fn expect_free(what: impl fmt::Display, needed: u128) -> Result<(), MemoryError> {
    // So little is always there, and asking takes longer than allocating it.
    const ALWAYS_FREE: u128 = 16 << 20;
    if needed <= ALWAYS_FREE {
        return Ok(());
    }
    let free = free();
    if needed <= u128::from(free) {
        return Ok(());
    }
    Err(MemoryError {
        what: what.to_string(),
        needed,
        free,
    })
}

/// Numbers that a network of the given widths, inputs first, has to learn.
pub fn parameters(widths: &[usize]) -> u128 {
    widths.windows(2).fold(0, |sum: u128, pair| {
        let [inputs, outputs] = [pair[0], pair[1]].map(|width| width as u128);
        sum.saturating_add((inputs + 1).saturating_mul(outputs))
    })
}

/// Numbers that a training holds beside its rows: the network and its best epoch's copy, gradients, the weights packed
/// for the way forward and for the way back, the optimizer's averages, and each thread's block of rows on its way
/// through the layers.
///
/// `held` is how many numbers a row takes before the first layer: its inputs, or an index and a factor for each look-up
/// of encoded rows, whose first layer has running sums and their gradients in place of packed weights.
pub fn training_numbers(
    widths: &[usize],
    held: usize,
    rows: usize,
    settings: &TrainingSettings,
) -> u128 {
    /// Rows that a thread works on at a time.
    const BLOCK: usize = 512;
    /// Z, A and ∂C/∂Z.
    const MATRICES: u128 = 3;
    /// Network, best copy, gradients, two packed copies.
    const COPIES: u128 = 5;

    let copies = COPIES + moments(settings.optimizer);
    let in_flight = settings.batch_size.unwrap_or(rows).min(rows);
    let threads = match settings.threads {
        0 => processors(),
        asked => asked,
    };
    let blocks = in_flight.min(BLOCK.saturating_mul(threads));
    let layers = widths.iter().skip(1);
    let layers = layers.fold(0u128, |sum, &width| sum + width as u128);
    let of_a_row = layers.saturating_mul(MATRICES).saturating_add(held as u128);
    let working = (blocks as u128).saturating_mul(of_a_row);
    parameters(widths)
        .saturating_mul(copies)
        .saturating_add(working)
}

/// Numbers for each parameter that a checkpoint takes while it is written: its parts, their bytes, the file, and the
/// copy that is read back to prove it.
pub(crate) fn checkpoint_numbers(widths: &[usize], optimizer: Optimizer) -> u128 {
    const COPIES: u128 = 4;
    let parts = 2 + moments(optimizer);
    parameters(widths).saturating_mul(COPIES * parts)
}

fn moments(optimizer: Optimizer) -> u128 {
    match optimizer {
        Optimizer::GradientDescent => 0,
        Optimizer::Momentum { .. } | Optimizer::Nesterov { .. } => 1,
        Optimizer::Adam { .. } | Optimizer::AdamW { .. } => 2,
    }
}

#[cfg(target_os = "linux")]
fn free() -> u64 {
    linux::free().unwrap_or(FREE_WHERE_UNKNOWN)
}

#[cfg(not(target_os = "linux"))]
fn free() -> u64 {
    FREE_WHERE_UNKNOWN
}

/// What `/proc` and the control groups say, in bytes.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::path::Path;

    pub(super) fn free() -> Option<u64> {
        let machine = field(&read("/proc/meminfo")?, "MemAvailable:");
        let limits = [machine, control_group(), address_space()];
        limits.into_iter().flatten().min()
    }

    /// The least limit of the process's control group and of those above it, of either version.
    fn control_group() -> Option<u64> {
        let groups = read("/proc/self/cgroup")?;
        let own = groups.lines().filter_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            match (parts.next()?, parts.next()?.trim_start_matches('/')) {
                ("", path) => Some(("/sys/fs/cgroup", "memory.max", path)),
                (kinds, path) if kinds.split(',').any(|kind| kind == "memory") => {
                    Some(("/sys/fs/cgroup/memory", "memory.limit_in_bytes", path))
                }
                _ => None,
            }
        });
        let limits = own.flat_map(|(root, file, path)| {
            let levels: Vec<_> = Path::new(path).ancestors().collect();
            levels
                .into_iter()
                .filter_map(|level| read(Path::new(root).join(level).join(file)))
                .filter_map(|text| text.trim().parse().ok()) // "max" is no limit
                .collect::<Vec<u64>>()
        });
        limits.min()
    }

    /// What `ulimit -v` leaves.
    fn address_space() -> Option<u64> {
        let limits = read("/proc/self/limits")?;
        let line = limits
            .lines()
            .find_map(|l| l.strip_prefix("Max address space"))?;
        let limit: u64 = line.split_whitespace().next()?.parse().ok()?; // "unlimited" is no limit
        let used = field(&read("/proc/self/status")?, "VmSize:")?;
        Some(limit.saturating_sub(used))
    }

    /// The value of a line such as `MemAvailable:   23050808 kB`.
    fn field(text: &str, name: &str) -> Option<u64> {
        let value = text.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: u64 = value.split_whitespace().next()?.parse().ok()?;
        kibibytes.checked_mul(1024)
    }

    fn read(path: impl AsRef<Path>) -> Option<String> {
        fs::read_to_string(path).ok()
    }
}

/// A number of bytes as people say it: `3.2 GB`.
struct Bytes<N>(N);

impl<N: Copy + TryInto<u128>> fmt::Display for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["MB", "GB", "TB", "PB", "EB"];
        let bytes = self.0.try_into().unwrap_or(u128::MAX) as f64;
        let mut value = bytes / 1e6;
        let mut unit = 0;
        while value >= 999.95 && unit + 1 < UNITS.len() {
            value /= 1e3;
            unit += 1;
        }
        match value {
            ..1e6 => write!(f, "{value:.1} {}", UNITS[unit]),
            _ => write!(f, "more than a million {}", UNITS[unit]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_as_the_network_counts_them() {
        assert_eq!(parameters(&[10, 16, 8, 1]), (11 * 16) + (17 * 8) + 9);
        assert_eq!(parameters(&[usize::MAX; 4]), u128::MAX);
    }

    #[test]
    fn what_cannot_be_had_is_refused_with_both_numbers() {
        expect_free("a small thing", 1000).unwrap();
        let error = expect_free("a large thing", 1 << 60)
            .unwrap_err()
            .to_string();
        let begin = "a large thing needs about 1.2 EB of memory, and about ";
        assert!(error.starts_with(begin), "{error}");
        let error = expect_free("all", u128::MAX).unwrap_err().to_string();
        assert!(error.contains("more than a million EB"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_machine_says_how_much_is_free() {
        let free = linux::free().unwrap();
        assert!((1 << 20..1 << 50).contains(&free), "{free}");
    }
}
