//! The kernel sets of the worker, and whether the current run can be repeated bit for bit.

use super::{Effect, Page};
use crate::protocol::{Command, KernelSetInfo};

/// The kernel sets and the one in use.
#[derive(Clone, Debug, PartialEq)]
pub struct Backend {
    /// Whether the user allows relaxed kernels: a little faster, but their last digits may differ between machines.
    pub relaxed: bool,
    /// Whether every step of the current run used exact kernels.
    pub repeatable: bool,
    sets: Vec<KernelSetInfo>,
    in_use: String,
}

impl Default for Backend {
    fn default() -> Self {
        Self { relaxed: false, repeatable: true, sets: Vec::new(), in_use: String::new() }
    }
}

impl Backend {
    /// The set in use; `None` before the worker has reported it.
    pub fn in_use(&self) -> Option<&KernelSetInfo> {
        self.sets.iter().find(|set| set.name == self.in_use)
    }

    /// Whether a relaxed set is available.
    pub fn offers_relaxed(&self) -> bool {
        self.sets.iter().any(|set| !set.exact)
    }

    /// Whether the set in use gives the same bits on every machine.
    pub fn exact(&self) -> bool {
        self.in_use().is_none_or(|set| set.exact)
    }

    /// A run begins.
    pub(super) fn begin(&mut self) {
        self.repeatable = self.exact();
    }

    /// The fastest set of the wanted kind, if the set in use is of the other kind.
    fn wanted(&self) -> Option<String> {
        if self.exact() != self.relaxed {
            return None;
        }
        let of_kind = self.sets.iter().filter(|set| set.exact != self.relaxed);
        of_kind.max_by(|a, b| a.speed.total_cmp(&b.speed)).map(|set| set.name.clone())
    }
}

impl Page {
    /// The worker has measured the sets.
    pub(super) fn backend_measured(&mut self, sets: Vec<KernelSetInfo>, in_use: String) -> Vec<Effect> {
        self.backend = Backend { sets, in_use, ..self.backend.clone() };
        self.backend.repeatable &= self.backend.exact();
        self.backend_wanted()
    }

    /// The user allows relaxed kernels, or not.
    pub(super) fn relax(&mut self, relaxed: bool) -> Vec<Effect> {
        self.backend.relaxed = relaxed;
        self.backend_wanted()
    }

    fn backend_wanted(&self) -> Vec<Effect> {
        let wanted = self.backend.wanted();
        wanted.map(|name| Effect::Send(Command::Backend { choose: Some(name) })).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::state::Msg;
    use crate::protocol::Event;
    use crate::protocol::link::Link;

    fn measured(in_use: &str) -> Msg {
        let set = |name: &str, exact, speed| KernelSetInfo { name: name.into(), exact, speed };
        let sets = vec![set("plain", true, 20.0), set("fast", true, 40.0), set("fused", false, 44.0)];
        Msg::Event(Event::Backend { sets, in_use: in_use.into() })
    }

    fn asked(effects: &[Effect]) -> Option<&str> {
        match effects {
            [Effect::Send(Command::Backend { choose: Some(name) })] => Some(name),
            _ => None,
        }
    }

    #[test]
    fn exact_kernels_stay_whatever_their_speed() {
        let mut page = Page::new(Link::default(), Vec::new());
        assert_eq!(page.update(measured("plain")), Vec::new());
        assert!(page.backend.exact() && page.backend.repeatable && page.backend.offers_relaxed());
    }

    #[test]
    fn relaxed_kernels_are_used_by_choice_and_end_repeatability() {
        let mut page = Page::new(Link::default(), Vec::new());
        page.update(measured("fast"));
        assert_eq!(asked(&page.update(Msg::Relax(true))), Some("fused"));
        assert!(page.backend.repeatable, "not until they are in use");
        assert_eq!(page.update(measured("fused")), Vec::new());
        assert!(!page.backend.exact() && !page.backend.repeatable);
        assert_eq!(asked(&page.update(Msg::Relax(false))), Some("fast"));
        page.update(measured("fast"));
        assert!(page.backend.exact() && !page.backend.repeatable, "some of its steps were relaxed");
        page.backend.begin();
        assert!(page.backend.repeatable);
    }

    #[test]
    fn a_worker_that_replaces_another_is_asked_again() {
        let mut page = Page::new(Link::default(), Vec::new());
        page.backend.relaxed = true;
        assert!(page.standing_orders().contains(&Effect::Send(Command::Backend { choose: None })));
        assert_eq!(asked(&page.update(measured("fast"))), Some("fused"));
    }
}
