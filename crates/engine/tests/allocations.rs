//! A training step takes no memory: everything it needs was taken when the run began.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]
#![allow(unsafe_code, reason = "counting allocations means being the allocator")]

#[path = "contracts/common/mod.rs"]
mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use common::runs::{DATA, config_with, start};

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

#[test]
fn a_step_takes_no_memory() {
    for id in ["st", "st-sigmoid", "st-on-only", "reinforce", "reinforce-optimal", "noisy-rectifier", "sigmoid", "sts"]
    {
        for shape in [vec![("max-norm", 2.0)], vec![("max-norm", 0.0), ("units", 1.0), ("gates", 40.0)]] {
            let mut trainer = start(config_with(id, &shape));
            // The first steps find out how much room open pairs and dark pixels leave.
            (0..30).for_each(|_| _ = trainer.step(&DATA).unwrap());
            let before = TAKEN.get();
            (0..10).for_each(|_| _ = trainer.step(&DATA).unwrap());
            assert_eq!(TAKEN.get() - before, 0, "{id}, {shape:?}");
        }
    }
}
