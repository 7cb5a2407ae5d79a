//! How a tree's status is made from its children's.

use serde::{Deserialize, Serialize};

use crate::status::Status;

/// A tree's rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The weighted mean of the children's statuses.
    #[default]
    Mean,
    /// The lowest of them.
    Worst,
    /// The highest of them.
    Best,
    /// Up when at least so many children are wholly up; below that, the share of them that is.
    AtLeast(u32),
}

/// One child as the fold sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoldedChild {
    /// Its status; `None` for unknown and held children, which are left out.
    pub status: Option<Status>,
    /// Its weight in a mean.
    pub weight: f64,
}

impl Policy {
    /// The tree's status. A tree without children is down, as it was in the original; one whose
    /// children are all unknown or held is unknown.
    pub fn fold(self, parts: impl IntoIterator<Item = FoldedChild>) -> Option<Status> {
        let mut children = 0_usize;
        let (mut known, mut up) = (0_usize, 0_usize);
        let (mut sum, mut weights) = (0.0, 0.0);
        let (mut worst, mut best) = (1.0_f64, 0.0_f64);
        for part in parts {
            children += 1;
            let Some(status) = part.status else { continue };
            known += 1;
            up += usize::from(status.is_up());
            sum += status.value() * part.weight;
            weights += part.weight;
            worst = worst.min(status.value());
            best = best.max(status.value());
        }
        if children == 0 {
            return Some(Status::DOWN);
        }
        if known == 0 {
            return None;
        }
        let value = match self {
            // All up is exactly up, whatever the weights do to the last bit.
            Self::Mean if up == known => 1.0,
            Self::Mean if weights > 0.0 => (sum / weights).clamp(worst, best),
            Self::Mean => return None,
            Self::Worst => worst,
            Self::Best => best,
            Self::AtLeast(needed) => (up as f64 / f64::from(needed.max(1))).min(1.0),
        };
        Status::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: Policy, children: &[Option<f64>], expected: Option<f64>) {
        let parts = children.iter().map(|value| FoldedChild {
            status: value.and_then(Status::new),
            weight: 1.0,
        });
        assert_eq!(
            policy.fold(parts).map(Status::value),
            expected,
            "{policy:?} of {children:?}"
        );
    }

    #[test]
    fn policies() {
        let mixed = [Some(1.0), Some(0.5), Some(0.0), None];
        check(Policy::Mean, &mixed, Some(0.5));
        check(Policy::Worst, &mixed, Some(0.0));
        check(Policy::Best, &mixed, Some(1.0));
        check(Policy::AtLeast(1), &mixed, Some(1.0));
        check(Policy::AtLeast(2), &mixed, Some(0.5));
        check(Policy::Mean, &[Some(1.0); 10], Some(1.0));
    }

    #[test]
    fn no_children_is_down_and_nothing_known_is_unknown() {
        for policy in [
            Policy::Mean,
            Policy::Worst,
            Policy::Best,
            Policy::AtLeast(1),
        ] {
            check(policy, &[], Some(0.0));
            check(policy, &[None, None], None);
        }
    }

    #[test]
    fn weights_shift_the_mean() {
        let part = |value, weight| FoldedChild {
            status: Status::new(value),
            weight,
        };
        let folded = Policy::Mean.fold([part(1.0, 3.0), part(0.0, 1.0)]);
        assert_eq!(folded.map(Status::value), Some(0.75));
        assert_eq!(
            Policy::Mean.fold([part(0.0, 0.0)]),
            None,
            "weight 0 is left out"
        );
        let thirds = Policy::Mean.fold([part(1.0, 0.1), part(1.0, 0.2), part(1.0, 0.3)]);
        assert_eq!(thirds, Some(Status::UP), "all up is exactly up");
    }
}
