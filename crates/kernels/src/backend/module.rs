//! The hand-ordered loops of the browser: small modules beside the engine's, on the same memory.
//!
//! Their functions are put into the engine's table of functions, where a place in the table is what a function pointer is: to
//! the engine they are loops like those of `processors`. `build/` writes them.
#![allow(unsafe_code, reason = "a place in the table of functions becomes a function pointer")]

use js_sys::WebAssembly::{Instance, Module, Table, validate};
use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::kernel_set::{KernelSet, ProductLoop, Strip, StripLoop, pack};
use super::masked_strips::{PairLoop, PairStrip, TwoLoop, UnitsLoop};
use super::momentum_strips::{MomentumLoop, MomentumStrip};
use super::selection;
#[cfg(feature = "peak")]
use crate::peak::Loop;

/// Two roundings for each step: the bits of the definition.
const STRICT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/strict.wasm"));
/// Fused where the processor has it. Its results differ from one kind of processor to the next.
const RELAXED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/relaxed.wasm"));

/// Makes the modules that this browser can run available, and the exact one the one in use. Until then, and in a browser that
/// refuses, the loops in Rust do the same.
///
/// # Errors
/// What the browser said when it refused.
pub fn load() -> Result<(), JsValue> {
    selection::install(instantiate("module", true, STRICT)?);
    // A browser without relaxed arithmetic is no failure.
    if validate(&Uint8Array::from(RELAXED)).unwrap_or(false) {
        selection::install(instantiate("relaxed module", false, RELAXED)?);
    }
    Ok(())
}

/// Backend on registers alone, of every module that this browser can run.
///
/// # Errors
/// What the browser said when it refused.
#[cfg(feature = "peak")]
pub fn peaks() -> Result<Vec<Loop>, JsValue> {
    let mut loops = Vec::new();
    for (name, exact, bytes) in [("128 bits", true, STRICT), ("128 bits, relaxed madd", false, RELAXED)] {
        if !validate(&Uint8Array::from(bytes)).unwrap_or(false) {
            continue;
        }
        let exports = exports(bytes)?;
        for sums in [8, 10, 12, 13] {
            let function: Function = Reflect::get(&exports, &format!("peak{sums}").into())?.dyn_into()?;
            loops.push(Loop {
                name: format!("{name}, {sums} sums, hand-ordered"),
                exact,
                operations: 2 * 4 * sums,
                run: Box::new(move |passes| drop(function.call1(&JsValue::NULL, &passes.into()))),
            });
        }
    }
    Ok(loops)
}

/// What a module exports, instantiated on the engine's memory.
fn exports(bytes: &[u8]) -> Result<Object, JsValue> {
    let trainer = object("memory", &wasm_bindgen::memory())?;
    let module = Module::new(&Uint8Array::from(bytes))?;
    Ok(Instance::new(&module, &object("trainer", &trainer)?)?.exports())
}

fn instantiate(name: &'static str, exact: bool, bytes: &[u8]) -> Result<KernelSet, JsValue> {
    let exports = exports(bytes)?;
    let place = |name: &str| add_to_table(&Reflect::get(&exports, &name.into())?.dyn_into()?);
    // SAFETY: the places hold the functions of these names, whose parameters are what the types say.
    unsafe {
        let product = |name| Ok::<_, JsValue>(std::mem::transmute::<usize, ProductLoop>(place(name)?));
        let strip =
            |width, name| Ok::<_, JsValue>(Strip { width, run: std::mem::transmute::<usize, StripLoop>(place(name)?) });
        let pair = |width| {
            let forward = std::mem::transmute::<usize, TwoLoop>(place(&format!("two{width}"))?);
            let gradient = std::mem::transmute::<usize, PairLoop>(place(&format!("pair{width}"))?);
            Ok::<_, JsValue>(PairStrip { width, forward, gradient })
        };
        let momentum = |width| {
            let run = |name: &str| Ok::<_, JsValue>(std::mem::transmute::<usize, MomentumLoop>(place(name)?));
            let (plain, normed) = (run(&format!("momentum{width}"))?, run(&format!("momentum{width}-normed"))?);
            Ok::<_, JsValue>(MomentumStrip { width, plain, normed })
        };
        Ok(KernelSet {
            name,
            exact,
            panel: 8,
            pack: pack::<8>,
            rows: product("rows")?,
            columns: product("columns")?,
            strips: [strip(32, "strip32")?, strip(8, "strip8")?, strip(1, "strip1")?],
            pairs: [pair(8)?, pair(4)?, pair(1)?],
            units: std::mem::transmute::<usize, UnitsLoop>(place("units")?),
            momentum: [momentum(32)?, momentum(8)?, momentum(1)?],
        })
    }
}

/// An object with one property.
fn object(key: &str, value: &JsValue) -> Result<Object, JsValue> {
    let object = Object::new();
    Reflect::set(&object, &key.into(), value)?;
    Ok(object)
}

/// Where the function stands from now on.
fn add_to_table(function: &Function) -> Result<usize, JsValue> {
    let table: Table = wasm_bindgen::function_table().dyn_into()?;
    let place = table.grow(1)?;
    table.set(place, function)?;
    Ok(place as usize)
}
