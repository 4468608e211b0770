//! Matrix products at the sizes of training.
//!
//! In training, what a product reads was written by the operation before it, except for the weights, of which there are many.
//! So there is one weight matrix, and several sets of the other operands take turns.

use ndarray::{Array2, ArrayView2};

use super::BenchError;
use super::job::{Gemm as Job, Outcome, Product};
use super::timing::{Clock, rates};
use gatelab_kernels::{Backend, DefaultBackend, MatrixMultiply, Purpose, Reference, Rng};

/// Sets of operands that take turns.
const SETS: usize = 3;
/// Elements of the result that are compared with a sum in `f64`.
const PROBES: usize = 64;

/// The kernels that can be asked for by name.
fn kernels() -> [(&'static str, &'static dyn Backend<f32>); 3] {
    [
        ("default", <f32 as DefaultBackend>::default_backend()),
        ("matrixmultiply", &MatrixMultiply),
        ("reference", &Reference),
    ]
}

fn kernel(name: &str) -> Result<&'static dyn Backend<f32>, BenchError> {
    let known = || kernels().map(|(name, _)| name).join(", ");
    kernels()
        .into_iter()
        .find_map(|(each, kernel)| (each == name).then_some(kernel))
        .ok_or_else(|| BenchError::Kernel { found: name.to_owned(), known: known() })
}

/// What a layer multiplies: input [B × I], weight [I × O], output gradient [B × O], and room for the result.
struct Operands {
    input: Array2<f32>,
    gradient: Array2<f32>,
    result: Array2<f32>,
}

impl Operands {
    fn new(job: &Job, stream: &mut Rng) -> Self {
        let (b, i, o) = (job.batch, job.inputs, job.outputs);
        let size = match job.product {
            Product::Forward => (b, o),
            Product::WeightGradient => (i, o),
            Product::InputGradient => (b, i),
        };
        Self { input: filled(b, i, stream), gradient: filled(b, o, stream), result: Array2::zeros(size) }
    }

    fn factors<'a>(&'a self, product: Product, weight: &'a Array2<f32>) -> (ArrayView2<'a, f32>, ArrayView2<'a, f32>) {
        match product {
            Product::Forward => (self.input.view(), weight.view()),
            Product::WeightGradient => (self.input.t(), self.gradient.view()),
            Product::InputGradient => (self.gradient.view(), weight.t()),
        }
    }

    fn multiply(&mut self, kernel: &dyn Backend<f32>, product: Product, weight: &Array2<f32>) {
        let mut result = std::mem::take(&mut self.result);
        let (a, b) = self.factors(product, weight);
        kernel.product(a, b, 0.0, result.view_mut());
        self.result = result;
    }

    /// Compares some elements with sums in `f64`.
    fn check(&self, job: &Job, weight: &Array2<f32>) -> Result<(), BenchError> {
        let (a, b) = self.factors(job.product, weight);
        let (rows, columns) = self.result.dim();
        for probe in 0..PROBES {
            let (row, column) = (probe * 7919 % rows, probe * 104_729 % columns);
            let products = a.row(row).into_iter().zip(b.column(column)).map(|(&x, &y)| f64::from(x) * f64::from(y));
            let (expected, found) = (products.sum::<f64>(), self.result[(row, column)]);
            // Rounding of a sum of n products of size one grows like its square root; a wrong index is off by far more.
            if (f64::from(found) - expected).abs() > 1e-5 * (a.ncols() as f64).max(100.0) {
                return Err(BenchError::Wrong { kernel: job.kernel.clone(), row, column, found, expected });
            }
        }
        Ok(())
    }
}

/// Uniform in −1..1.
fn filled(rows: usize, columns: usize, stream: &mut Rng) -> Array2<f32> {
    use gatelab_kernels::RandomSource;
    let mut values = vec![0.0_f32; rows * columns];
    stream.uniform(&mut values);
    let mut values = values.into_iter();
    Array2::from_shape_simple_fn((rows, columns), || values.next().map_or(0.0, |x| x + x - 1.0))
}

pub(super) fn measure(clock: Clock, job: &Job) -> Result<Outcome, BenchError> {
    let kernel = kernel(&job.kernel)?;
    let mut stream = Rng::new(1, Purpose::Lab, 0);
    let weight = filled(job.inputs, job.outputs, &mut stream);
    let mut sets: Vec<Operands> = (0..SETS).map(|_| Operands::new(job, &mut stream)).collect();
    for set in &mut sets {
        set.multiply(kernel, job.product, &weight);
        set.check(job, &weight)?;
    }
    let operations = 2.0 * (job.batch * job.inputs * job.outputs) as f64 / 1e9;
    let mut turn = 0;
    let chunks = rates(clock, job.time, || {
        turn = (turn + 1) % SETS;
        if let Some(set) = sets.get_mut(turn) {
            set.multiply(kernel, job.product, &weight);
        }
        Ok::<f64, BenchError>(operations)
    })?;
    Ok(Outcome::Gemm { chunks })
}
