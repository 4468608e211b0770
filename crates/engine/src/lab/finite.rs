//! Numbers of reports in JSON, which has no NaN and no infinity: a number that is not finite is written as `null`, and read
//! as NaN. For `#[serde(with = "finite")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Numbers that can be not finite: one, or several.
pub(super) trait Numbers: Sized {
    type Nullable: Serialize + for<'de> Deserialize<'de>;

    fn to_nullable(&self) -> Self::Nullable;
    fn from_nullable(nullable: Self::Nullable) -> Self;
}

impl Numbers for f64 {
    type Nullable = Option<f64>;

    fn to_nullable(&self) -> Option<f64> {
        self.is_finite().then_some(*self)
    }

    fn from_nullable(nullable: Option<f64>) -> Self {
        nullable.unwrap_or(f64::NAN)
    }
}

impl Numbers for Vec<f64> {
    type Nullable = Vec<Option<f64>>;

    fn to_nullable(&self) -> Self::Nullable {
        self.iter().map(Numbers::to_nullable).collect()
    }

    fn from_nullable(nullable: Self::Nullable) -> Self {
        nullable.into_iter().map(Numbers::from_nullable).collect()
    }
}

pub(super) fn serialize<S: Serializer, N: Numbers>(numbers: &N, serializer: S) -> Result<S::Ok, S::Error> {
    numbers.to_nullable().serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>, N: Numbers>(deserializer: D) -> Result<N, D::Error> {
    N::Nullable::deserialize(deserializer).map(N::from_nullable)
}
