//! The order of gates in the picture by class: by favourite digit, renewed at intervals.

/// Time for which an order is kept, milliseconds.
const STEADY_FOR: f64 = 2000.0;

/// An order that is renewed at intervals, so that columns do not jump at every frame.
#[derive(Clone, Debug, Default)]
pub struct Order {
    gates: Vec<usize>,
    since: f64,
}

impl Order {
    /// The order for `favourites`: by favourite digit (none last), and within a digit as before. `now` in milliseconds.
    pub fn by_favourite(&mut self, favourites: &[Option<u8>], now: f64) -> &[usize] {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_stand_by_their_favourite_and_those_without_stand_last() {
        let mut order = Order::default();
        assert_eq!(order.by_favourite(&[Some(3), None, Some(0), Some(3)], 10.0), [2, 0, 3, 1]);
    }

    #[test]
    fn an_order_stays_for_a_while() {
        let mut order = Order::default();
        order.by_favourite(&[Some(1), Some(0)], 10.0);
        assert_eq!(order.by_favourite(&[Some(0), Some(1)], 1000.0), [1, 0], "too soon");
        assert_eq!(order.by_favourite(&[Some(0), Some(1)], 3000.0), [0, 1]);
        assert_eq!(order.by_favourite(&[None; 3], 3001.0), [0, 1, 2], "another network");
    }

    #[test]
    fn ties_keep_the_order_they_had() {
        let mut order = Order::default();
        order.by_favourite(&[Some(2), Some(1), Some(1)], 1.0);
        assert_eq!(order.by_favourite(&[Some(1), Some(1), Some(1)], 5000.0), [1, 2, 0]);
    }
}
