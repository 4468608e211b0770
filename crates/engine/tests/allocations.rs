//! A training step takes no memory: everything it needs was taken when the run began.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]
#![allow(unsafe_code, reason = "counting allocations means being the allocator")]

#[path = "contracts/common/mod.rs"]
mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use common::runs::{DATA, config_with, start};
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::{Range, RunConfig, Value};

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

/// The system's, counting for each thread.
struct Counting;

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.with(|taken| taken.set(taken.get() + 1));
        // SAFETY: as for the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as for the caller.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of ten steps, once the first steps have found out how much memory active pairs and dark pixels need.
fn taken_by_steps(config: RunConfig) -> usize {
    let mut trainer = start(config);
    (0..60).for_each(|_| _ = trainer.step(&DATA).unwrap());
    let before = TAKEN.get();
    (0..10).for_each(|_| _ = trainer.step(&DATA).unwrap());
    TAKEN.get() - before
}

/// Every estimator, with each alternative of each of its choices.
#[test]
fn a_step_takes_no_memory() {
    let mut failed = Vec::new();
    for record in registry::RECORDS {
        let alternatives = record.knobs.iter().flat_map(|knob| match knob.range {
            Range::Choice(names) => names.iter().map(|name| Some((knob.name, *name))).collect(),
            Range::Number { .. } => Vec::new(),
        });
        for choice in std::iter::once(None).chain(alternatives) {
            for shape in [vec![("max-norm", 2.0)], vec![("max-norm", 0.0), ("units", 1.0), ("gates", 40.0)]] {
                let mut config = config_with(record.id, &shape);
                let choices = choice.map(|(knob, name)| (knob.to_owned(), Value::Choice(name.to_owned())));
                config.overrides.extend(choices);
                let taken = taken_by_steps(config);
                if taken > 0 {
                    failed.push(format!("{}, {choice:?}, {shape:?}: {taken} allocations in ten steps", record.id));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
