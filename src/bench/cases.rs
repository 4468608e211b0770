//! The compared cases: training steps, and the matrix products of their layers.

use serde::{Deserialize, Serialize};

use super::job::{Product, Skip};
use gatelab_engine::schema::{DataChoice, Preset, RunConfig, Value};

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Net {
    /// The preset as it is.
    Classroom,
    /// NET-SMALL: 64 gates of 8 rectifiers, gater of 64.
    Small,
    /// NET-PAPER: 2000 gates of one rectifier, gater of 400.
    Paper,
}

impl Net {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Classroom, Self::Small, Self::Paper];
}

/// Estimator and skipping of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Straight-through, nothing left out.
    Dense,
    /// Straight-through, products with zeros left out: the same numbers.
    Exact,
    /// Straight-through at open gates: experts of closed gates never run.
    OnOnly,
    /// REINFORCE with one gate in ten open.
    Reinforce,
    /// REINFORCE with nearly every gate open.
    ReinforceOpen,
    /// [`Mode::Reinforce`] with nothing left out, closed experts included.
    ReinforceCounted,
}

/// Batch sizes that are compared.
pub const BATCHES: [u32; 2] = [32, 128];

/// A training step.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// Network.
    pub net: Net,
    /// Examples a minibatch.
    pub batch: u32,
    /// Way of computing.
    pub mode: Mode,
    /// The run's configuration, with every size that other programs need.
    pub config: RunConfig,
    /// What the engine leaves out.
    pub skip: Skip,
}

impl Case {
    /// This network, batch size and way of computing.
    pub fn new(net: Net, batch: u32, mode: Mode) -> Self {
        let preset = if net == Net::Paper { Preset::find("paper-2000").unwrap_or_default() } else { Preset::default() };
        let mut config = RunConfig { preset, data: DataChoice::Mnist, ..RunConfig::default() };
        let mut set = |name: &str, value: f64| config.overrides.insert(name.into(), Value::Number(value));
        set("batch", f64::from(batch));
        if net != Net::Classroom {
            let (hidden, gates, units) = if net == Net::Paper { (400.0, 2000.0, 1.0) } else { (64.0, 64.0, 8.0) };
            for (name, value) in [("gater-hidden", hidden), ("gates", gates), ("units", units)] {
                set(name, value);
            }
            for (name, value) in [("lr", 0.1), ("momentum", 0.5), ("max-norm", 0.0), ("start-rate", 0.1)] {
                set(name, value);
            }
        }
        if mode == Mode::ReinforceOpen {
            // The gater is not trained, so that its gates stay open.
            for (name, value) in [("start-rate", 0.999), ("gater-rate", 0.0)] {
                set(name, value);
            }
        }
        if net != Net::Classroom {
            config.overrides.insert("expert".into(), Value::Choice("rectifier".into()));
            config.estimator = "st-sigmoid".into();
        }
        match mode {
            Mode::Dense | Mode::Exact => {}
            Mode::OnOnly => config.estimator = "st-on-only".into(),
            Mode::Reinforce | Mode::ReinforceOpen | Mode::ReinforceCounted => config.estimator = "reinforce".into(),
        }
        let skip = match mode {
            Mode::Dense | Mode::ReinforceCounted => Skip::Nothing,
            _ => Skip::Zeros,
        };
        Self { net, batch, mode, config, skip }
    }

    /// All that are compared.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for net in Net::ALL {
            for batch in BATCHES {
                all.extend([Mode::Dense, Mode::Exact, Mode::OnOnly].map(|mode| Self::new(net, batch, mode)));
            }
        }
        let reinforce = [Mode::Reinforce, Mode::ReinforceOpen, Mode::ReinforceCounted];
        all.extend(reinforce.map(|mode| Self::new(Net::Small, 128, mode)));
        all
    }

    /// NET-SMALL with batch, gates or units `factor` times as large.
    pub fn scaled(what: &str, factor: u32) -> Self {
        let batch = if what == "batch" { 32 * factor } else { 32 };
        let mut case = Self::new(Net::Small, batch, Mode::Exact);
        if let Some(Value::Number(value)) = case.config.overrides.get_mut(what).filter(|_| what != "batch") {
            *value *= f64::from(factor);
        }
        case
    }
}

/// A matrix product of a network's layer.
#[derive(Clone, Debug, Serialize)]
pub struct LayerProduct {
    /// `P.We fwd B32`: network, layer, product, batch size.
    pub name: String,
    /// Which product.
    pub product: Product,
    /// B.
    pub batch: u32,
    /// I.
    pub inputs: usize,
    /// O.
    pub outputs: usize,
}

impl LayerProduct {
    /// The products that take nearly all time of a dense step: experts (We), gater (Wg1, Wg2) of NET-PAPER (P) and
    /// NET-SMALL (S).
    pub fn all() -> Vec<Self> {
        use Product::{Forward, InputGradient, WeightGradient};
        const LAYERS: [(&str, usize, usize, &[Product]); 5] = [
            ("P.We", 784, 2000, &[Forward, WeightGradient, InputGradient]),
            ("P.Wg2", 400, 2000, &[Forward, WeightGradient, InputGradient]),
            ("P.Wg1", 784, 400, &[Forward]),
            ("S.We", 784, 512, &[Forward, WeightGradient]),
            ("S.Wg1", 784, 64, &[Forward]),
        ];
        let mut all = Vec::new();
        for batch in BATCHES {
            for (layer, inputs, outputs, products) in LAYERS {
                all.extend(products.iter().map(|&product| {
                    let short = match product {
                        Forward => "fwd",
                        WeightGradient => "dW",
                        InputGradient => "dX",
                    };
                    Self { name: format!("{layer} {short} B{batch}"), product, batch, inputs, outputs }
                }));
            }
        }
        all
    }
}

/// All cases, as JSON.
#[derive(Serialize)]
pub struct Catalogue {
    /// Training steps.
    pub steps: Vec<Case>,
    /// Training steps of growing networks: the size that grows, its factor, and the case.
    pub scaling: Vec<(&'static str, u32, Case)>,
    /// Matrix products.
    pub products: Vec<LayerProduct>,
}

impl Default for Catalogue {
    fn default() -> Self {
        let scaled = |what| [1, 2, 4, 8].map(|factor| (what, factor, Case::scaled(what, factor)));
        Self {
            steps: Case::all(),
            scaling: ["batch", "gates", "units"].into_iter().flat_map(scaled).collect(),
            products: LayerProduct::all(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatelab_engine::training::settings::Settings;

    #[test]
    fn every_case_is_a_run_that_can_be_made() {
        for case in Case::all() {
            let settings = Settings::of(&case.config).unwrap();
            assert_eq!(settings.batch, case.batch as usize);
            assert_eq!(settings.shape.gates, if case.net == Net::Paper { 2000 } else { 64 }, "{case:?}");
        }
        assert_eq!(Settings::of(&Case::scaled("units", 4).config).unwrap().shape.units_per_gate, 32);
        assert_eq!(Settings::of(&Case::scaled("batch", 4).config).unwrap().batch, 128);
    }
}
