//! The order of gates in the picture by class: by favourite digit, and steady.

/// How long an order stays, milliseconds.
const STEADY_FOR: f64 = 2000.0;

/// An order that is renewed only now and then, so that columns don't flicker between places.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    gates: Vec<usize>,
    since: f64,
}

impl Order {
    /// The order for `favourites`: by favourite digit (none last), and within a digit as before. `now` in milliseconds.
    pub(super) fn by_favourite(&mut self, favourites: &[Option<u8>], now: f64) -> &[usize] {
        let other_network = self.gates.len() != favourites.len();
        if other_network {
            self.gates = (0..favourites.len()).collect();
        }
        if other_network || now - self.since > STEADY_FOR || now < self.since {
            self.since = now;
            self.gates.sort_by_key(|gate| favourites.get(*gate).copied().flatten().unwrap_or(u8::MAX));
        }
        &self.gates
    }
}
