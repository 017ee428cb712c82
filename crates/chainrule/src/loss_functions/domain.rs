//! For which targets a loss is defined.

use std::fmt;

/// The targets that a loss is defined for; in any case they are finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetDomain {
    /// Every finite number.
    Finite,
    /// `y ≥ 0`
    NotNegative,
    /// `y > 0`
    Positive,
}

impl TargetDomain {
    /// Whether it holds `y`.
    pub fn contains(self, y: f64) -> bool {
        y.is_finite()
            && match self {
                TargetDomain::Finite => true,
                TargetDomain::NotNegative => y >= 0.0,
                TargetDomain::Positive => y > 0.0,
            }
    }
}

impl fmt::Display for TargetDomain {
    /// What a target has to be: `finite and not negative`, ...
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TargetDomain::Finite => "finite",
            TargetDomain::NotNegative => "finite and not negative",
            TargetDomain::Positive => "finite and positive",
        })
    }
}
