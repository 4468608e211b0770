//! The micro-kernels of the browser: small WebAssembly modules that share the memory of the main module.
//!
//! Their functions are added to the main module's function table. A function pointer is an index of that table, so they are called like
//! the kernels of `processors`. The build script writes the modules; `docs/kernels.md` explains why they are not compiled from Rust.
#![allow(unsafe_code, reason = "an index of the function table becomes a function pointer")]

use js_sys::WebAssembly::{Instance, Module, Table, validate};
use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::kernel_set::{
    ForwardPairKernel, GradBlockKernel, GradScatter4Kernel, KernelSet, MaskedStrip, MomentumKernel, MomentumStrip,
    ProductKernel, SparseKernel, SparseStrip, TileKernels,
};
use super::packing::pack;
#[cfg(feature = "bench")]
use super::peak_loop::PeakLoop;
use super::selection;

/// Separate roundings of products and sums: the bits of the definition.
pub(super) const STRICT: &str = "module";
const STRICT_BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/strict.wasm"));
/// Fused where the processor can. The results differ between processors.
pub(super) const RELAXED: &str = "relaxed module";
const RELAXED_BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/relaxed.wasm"));

/// Makes the modules that this browser can run available, and the exact one the current set. Before this call, and if it fails, the
/// kernels in Rust are used, with the same results.
///
/// # Errors
/// What the browser reports when it refuses the exact module. A browser without relaxed arithmetic is no error.
pub fn load() -> Result<(), JsValue> {
    selection::add(instantiate(STRICT, true, STRICT_BYTES)?);
    let switched = selection::switch(STRICT);
    debug_assert!(switched, "the set has just been added");
    if validate(&Uint8Array::from(RELAXED_BYTES))? {
        selection::add(instantiate(RELAXED, false, RELAXED_BYTES)?);
    }
    Ok(())
}

/// The loops on registers alone, of every arithmetic that this browser has.
///
/// # Errors
/// What the browser reports when it refuses a valid module.
#[cfg(feature = "bench")]
pub(crate) fn peak_loops() -> Result<Vec<PeakLoop>, JsValue> {
    const STRICT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/peak-strict.wasm"));
    const RELAXED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/peak-relaxed.wasm"));
    let mut loops = Vec::new();
    for (name, exact, bytes) in [("128 bits", true, STRICT), ("128 bits, relaxed madd", false, RELAXED)] {
        if !validate(&Uint8Array::from(bytes))? {
            continue;
        }
        let exports = exports(bytes)?;
        for sums in [8, 10, 12, 13] {
            let function: Function = Reflect::get(&exports, &format!("peak{sums}").into())?.dyn_into()?;
            loops.push(PeakLoop {
                name: format!("{name}, {sums} sums, module"),
                exact,
                operations: 2 * 4 * sums,
                run: Box::new(move |passes| {
                    let done = function.call1(&JsValue::NULL, &passes.into());
                    assert!(done.is_ok(), "a loop on registers cannot fail");
                }),
            });
        }
    }
    Ok(loops)
}

/// Instantiates a module with the main module's memory and returns its exports.
fn exports(bytes: &[u8]) -> Result<Object, JsValue> {
    let imports = object("memory", &wasm_bindgen::memory())?;
    let module = Module::new(&Uint8Array::from(bytes))?;
    Ok(Instance::new(&module, &object("main", &imports)?)?.exports())
}

fn instantiate(name: &'static str, exact: bool, bytes: &[u8]) -> Result<KernelSet, JsValue> {
    let exports = exports(bytes)?;
    let index = |name: &str| add_to_table(&Reflect::get(&exports, &name.into())?.dyn_into()?);
    // SAFETY: the indices are of the functions of these names, whose parameters are those of the types.
    unsafe {
        let product = |name| Ok::<_, JsValue>(std::mem::transmute::<usize, ProductKernel>(index(name)?));
        let sparse = |width| {
            let run = std::mem::transmute::<usize, SparseKernel>(index(&format!("sparse_strip{width}"))?);
            Ok::<_, JsValue>(SparseStrip { width, run })
        };
        let masked = |width| {
            let forward_pair = index(&format!("forward_pair{width}"))?;
            let forward_pair = std::mem::transmute::<usize, ForwardPairKernel>(forward_pair);
            let grad_block = std::mem::transmute::<usize, GradBlockKernel>(index(&format!("grad_block{width}"))?);
            Ok::<_, JsValue>(MaskedStrip { width, forward_pair, grad_block })
        };
        let momentum = |width| {
            let run = |name: &str| Ok::<_, JsValue>(std::mem::transmute::<usize, MomentumKernel>(index(name)?));
            let plain = run(&format!("momentum{width}"))?;
            Ok::<_, JsValue>(MomentumStrip { width, plain, with_squares: run(&format!("momentum{width}_squares"))? })
        };
        Ok(KernelSet {
            name,
            exact,
            panel: 8,
            pack: pack::<8>,
            tiles: TileKernels { rows: product("tile_rows")?, columns: product("tile_columns")? },
            sparse: [sparse(32)?, sparse(8)?, sparse(1)?],
            masked: [masked(8)?, masked(4)?, masked(1)?],
            grad_scatter4: std::mem::transmute::<usize, GradScatter4Kernel>(index("grad_scatter4")?),
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

/// Appends a function to the main module's table and returns its index.
fn add_to_table(function: &Function) -> Result<usize, JsValue> {
    let table: Table = wasm_bindgen::function_table().dyn_into()?;
    let index = table.grow(1)?;
    table.set(index, function)?;
    Ok(index as usize)
}
