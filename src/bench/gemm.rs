//! Matrix products at the sizes of training.
//!
//! In training, a product reads what the operation before it wrote, except for the weights, which are large. So the benchmark has one
//! weight matrix and alternates between several sets of the other operands.

use ndarray::{Array2, ArrayView2};

use super::BenchError;
use super::job::{Gemm as Job, Outcome, Product};
use super::timing::{Clock, rates};
use gatelab_kernels::{Backend, DefaultBackend, MatrixMultiply, Purpose, Reference, Rng};

/// Sets of operands that alternate.
const SETS: usize = 3;
/// Elements of the result that are compared with sums in `f64`.
const PROBES: usize = 64;

/// The backends by name.
fn backends() -> [(&'static str, &'static dyn Backend<f32>); 3] {
    [
        ("default", <f32 as DefaultBackend>::default_backend()),
        ("matrixmultiply", &MatrixMultiply),
        ("reference", &Reference),
    ]
}

fn backend(name: &str) -> Result<&'static dyn Backend<f32>, BenchError> {
    let known = || backends().map(|(name, _)| name).join(", ");
    backends()
        .into_iter()
        .find_map(|(each, backend)| (each == name).then_some(backend))
        .ok_or_else(|| BenchError::Kernel { found: name.to_owned(), known: known() })
}

/// The operands of a layer: input [B × I], output gradient [B × O], and the result of the product.
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

    fn multiply(&mut self, backend: &dyn Backend<f32>, product: Product, weight: &Array2<f32>) {
        let mut result = std::mem::take(&mut self.result);
        let (a, b) = self.factors(product, weight);
        backend.product(a, b, 0.0, result.view_mut());
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
            // The rounding error of a sum of n products grows like √n; a wrong index gives a far larger error.
            if (f64::from(found) - expected).abs() > 1e-5 * (a.ncols() as f64).max(100.0) {
                return Err(BenchError::Wrong { kernel: job.kernel.clone(), row, column, found, expected });
            }
        }
        Ok(())
    }
}

/// Uniform values in −1..1.
fn filled(rows: usize, columns: usize, stream: &mut Rng) -> Array2<f32> {
    use gatelab_kernels::RandomSource;
    let mut values = vec![0.0_f32; rows * columns];
    stream.uniform(&mut values);
    Array2::from_shape_fn((rows, columns), |(row, column)| 2.0 * values[row * columns + column] - 1.0)
}

pub(super) fn measure(clock: Clock, job: &Job) -> Result<Outcome, BenchError> {
    let backend = backend(&job.kernel)?;
    let mut stream = Rng::new(1, Purpose::Measurement, 0);
    let weight = filled(job.inputs, job.outputs, &mut stream);
    let mut sets: Vec<Operands> = (0..SETS).map(|_| Operands::new(job, &mut stream)).collect();
    for set in &mut sets {
        set.multiply(backend, job.product, &weight);
        set.check(job, &weight)?;
    }
    let operations = 2.0 * (job.batch * job.inputs * job.outputs) as f64 / 1e9;
    let mut turn = 0;
    let chunks = rates(clock, job.time, || {
        turn = (turn + 1) % SETS;
        sets[turn].multiply(backend, job.product, &weight);
        Ok::<f64, BenchError>(operations)
    })?;
    Ok(Outcome::Gemm { chunks })
}
