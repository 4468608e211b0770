//! What the gater is told: a reward at once or late. A late one is checked against a run written out by hand, and survives
//! checkpoints and replays bit for bit; estimators that need a slope refuse it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use gatelab_kernels::Matrix;
use std::collections::VecDeque;

use crate::common::files::{forged, retensored};
use crate::common::runs::{DATA, config, digest, set, start, switch, train};
use gatelab_engine::data::BatchStream;
use gatelab_engine::estimator::{Estimator, registry};
use gatelab_engine::network::{
    GaterLoss, ParameterGradient, Parameters, Pass, PassKernels, backward, gater, sample_gradient,
};
use gatelab_engine::schema::{Action, Change, RunConfig, Value};
use gatelab_engine::sparsity::SparsityPenalty;
use gatelab_engine::training::checkpoint::{self, CheckpointError};
use gatelab_engine::training::settings::Settings;
use gatelab_engine::training::{Optimizer, Rates, Trainer};
use gatelab_kernels::{CountingKernels, DefaultBackend, Purpose, Real, Rng, logit};

fn told(name: &str) -> Action {
    Action::Set("told".into(), Value::Choice(name.into()))
}

fn with_told(id: &str, name: &str, delay: f64) -> RunConfig {
    let mut config = config(id, 7);
    config.overrides.insert("told".into(), Value::Choice(name.into()));
    config.overrides.insert("delay".into(), Value::Number(delay));
    config
}

fn delayed(delay: f64) -> RunConfig {
    with_told("reinforce-mean", "delayed-reward", delay)
}

/// A run with a delayed reward, step by step, without the trainer.
struct ByHand<R: Real> {
    settings: Settings,
    seed: u64,
    parameters: Parameters<R>,
    optimizer: Optimizer<R>,
    estimator: Box<dyn Estimator<R>>,
    waiting: VecDeque<(Vec<u32>, Matrix<R>)>,
    batches: BatchStream,
    step: u64,
}

impl<R: Real + DefaultBackend> ByHand<R> {
    fn new(config: &RunConfig) -> Self {
        let settings = Settings::of(config).unwrap();
        let mut estimator = registry::make(&settings.estimator).unwrap();
        estimator.configure(&settings.knobs);
        Self {
            seed: config.seed,
            parameters: Parameters::init(&settings.shape, config.seed, logit(settings.start_rate)),
            optimizer: Optimizer::new(&settings.shape),
            estimator,
            waiting: VecDeque::new(),
            batches: BatchStream::standard(config.seed, settings.batch, DATA.train.planned()).unwrap(),
            step: 0,
            settings,
        }
    }

    fn pass_of(&self, indices: &[u32]) -> Pass<R> {
        let mut pass = Pass::new(self.settings.shape, indices.len());
        DATA.train.load(indices, &mut pass.input, &mut pass.labels).unwrap();
        gater::forward(&self.parameters, &mut pass, &mut CountingKernels::default());
        pass
    }

    fn step(&mut self) {
        let mut kernels = PassKernels::default();
        let mut indices = Vec::new();
        self.batches.indices(self.step, &mut indices);
        let mut pass = self.pass_of(&indices);
        let mut noise = Rng::new(self.seed, Purpose::Draws, self.step);
        let (estimator, loss) = (self.estimator.as_mut(), GaterLoss::DelayedReward);
        sample_gradient(&self.parameters, &mut pass, estimator, &mut noise, loss, &mut kernels).unwrap();
        let (logits, draw, estimate) = (pass.logits.clone(), pass.draw.clone(), pass.logit_grad.clone());
        // The penalty at once, the rest now or later.
        let mut now = estimate.clone();
        if self.settings.delay > 0 {
            now.fill(R::zero());
            self.waiting.push_back((indices, estimate));
        }
        let (mut value, mut slope) = (Matrix::zeros(logits.dim()), Matrix::zeros(logits.dim()));
        self.estimator.activation(&logits, &draw, &mut value, &mut slope);
        SparsityPenalty::new(self.estimator.record(), self.settings.lambda, self.settings.target)
            .add_gradient(&value, &slope, &mut now);
        pass.logit_grad = now;
        backward(&self.parameters, &mut pass, &mut kernels.backward);
        let overdue = self.settings.delay > 0 && self.waiting.len() > self.settings.delay;
        let late = overdue.then(|| self.late());
        let Settings { learning_rate, gater_rate, momentum, max_norm, .. } = self.settings;
        let rates = Rates { learning_rate, gater_rate, momentum, max_norm };
        self.optimizer.step(
            &mut self.parameters,
            &ParameterGradient::of(&pass, late.iter()),
            rates,
            &mut kernels.backward,
        );
        self.step += 1;
    }

    /// The oldest gradient that waits, back through the gater.
    fn late(&mut self) -> Pass<R> {
        let (indices, estimate) = self.waiting.pop_front().unwrap();
        let mut pass = self.pass_of(&indices);
        pass.logit_grad = estimate;
        gater::backward(&self.parameters, &mut pass, &mut CountingKernels::default());
        pass
    }
}

#[test]
fn without_a_delay_it_is_the_batchs_reward_at_once_bit_for_bit() {
    for id in ["reinforce", "reinforce-mean"] {
        let config = with_told(id, "delayed-reward", 0.0);
        let (mut by_hand, mut trainer) = (ByHand::<f32>::new(&config), start(config));
        for step in 1..=25 {
            by_hand.step();
            train(&mut trainer, step);
            assert_eq!(trainer.parameters().digest().value(), by_hand.parameters.digest().value(), "{id}, {step}");
        }
    }
}

#[test]
fn a_late_update_is_the_one_written_out_by_hand() {
    for delay in [1.0, 4.0] {
        let config = delayed(delay);
        let (mut by_hand, mut trainer) = (ByHand::<f64>::new(&config), Trainer::<f64>::new(config.clone()).unwrap());
        let mut at_once = Trainer::<f64>::new(delayed(0.0)).unwrap();
        for step in 0..20 {
            by_hand.step();
            trainer.step(&DATA).unwrap();
            at_once.step(&DATA).unwrap();
            for (a, b) in trainer.parameters().numbers().zip(by_hand.parameters.numbers()) {
                assert!((a - b).abs() < 1e-11, "delay {delay}, step {step}: {a} and {b}");
            }
        }
        assert!(trainer.parameters().numbers().zip(at_once.parameters().numbers()).any(|(a, b)| (a - b).abs() > 1e-6));
    }
}

/// While nothing has come yet the gater follows the sparsity control alone.
#[test]
fn until_the_first_reward_comes_only_the_penalty_moves_the_gater() {
    // Without a baseline, whose first guess may be the first reward exactly.
    let mut config = with_told("reinforce", "delayed-reward", 5.0);
    // Nor may the limit on weights' norms pull at it.
    for key in ["lambda", "max-norm"] {
        config.overrides.insert(key.into(), Value::Number(0.0));
    }
    let mut trainer = start(config);
    let gater = |trainer: &Trainer<f32>| trainer.parameters().gater_logits.clone();
    let before = gater(&trainer);
    train(&mut trainer, 5);
    assert_eq!(gater(&trainer), before, "five steps of nothing");
    train(&mut trainer, 6);
    assert_ne!(gater(&trainer), before, "the first one has come");
}

/// Running the gater once more is work, and counted.
#[test]
fn late_updates_are_counted() {
    // Until the fourth step the two are the same run.
    let (mut sooner, mut later) = (start(delayed(3.0)), start(delayed(4.0)));
    let (sooner, later) = (train(&mut sooner, 4), train(&mut later, 4));
    assert_eq!(sooner[..3], later[..3], "nothing is due yet");
    let shape = start(delayed(3.0)).settings().shape;
    let [b, m, g, h, k] = [16, shape.gater_hidden, shape.gates, shape.units(), shape.classes].map(|n| n as u64);
    // Pixels of the first minibatch that aren't zero.
    let active = (sooner[0].work.forward_dense - b * (m * g + h * k)) / (h + m);
    assert_eq!(sooner[3].work.forward, later[3].work.forward + active * m + b * m * g);
    assert_eq!(sooner[3].work.backward, later[3].work.backward + active * m + 2 * b * m * g);
}

fn goes_on(trainer: &mut Trainer<f32>, more: u64, what: &str) {
    let bytes = checkpoint::write(trainer, None).unwrap();
    let mut thawed = checkpoint::read(&bytes).unwrap_or_else(|error| panic!("{what}: {error}")).trainer;
    assert_eq!(checkpoint::write(&thawed, None).unwrap(), bytes, "the same bytes again: {what}");
    let until = trainer.step_count() + more;
    assert_eq!(train(trainer, until), train(&mut thawed, until), "{what}");
    assert_eq!(digest(trainer), digest(&thawed), "{what}");
}

#[test]
fn a_checkpoint_carries_what_waits() {
    for step in [0, 1, 5, 6, 30] {
        let mut trainer = start(delayed(5.0));
        train(&mut trainer, step);
        goes_on(&mut trainer, 14, &format!("at step {step}"));
    }
    // Between a change and the step at which it comes into force, too.
    let mut trainer = start(delayed(5.0));
    train(&mut trainer, 9);
    trainer.change(set("delay", 2.0)).unwrap();
    goes_on(&mut trainer, 14, "after the delay was shortened");
    trainer.change(told("cross-entropy")).unwrap();
    goes_on(&mut trainer, 14, "after it was taken back");
}

#[test]
fn a_checkpoint_that_waits_for_no_reward_is_refused() {
    let mut trainer = start(delayed(5.0));
    train(&mut trainer, 9);
    let bytes = checkpoint::write(&trainer, None).unwrap();
    for cut in [8, 100, bytes.len() / 2] {
        assert!(checkpoint::read(&bytes[..bytes.len() - cut]).is_err());
    }
    let others = [
        forged(&bytes, "delayed-reward", "reward"),
        retensored(&bytes, |tensors| tensors.retain(|(name, ..)| name != "pending.2.logit_grad")),
        retensored(&bytes, |tensors| tensors.retain(|(name, ..)| !name.starts_with("pending.2"))),
    ];
    for bytes in others {
        let error = checkpoint::read(&bytes).err().unwrap();
        assert!(matches!(error, CheckpointError::Damaged { .. }), "{error}");
    }
}

fn assert_replays(config: RunConfig, changes: &[(u64, Action)], until: u64, what: &str) {
    let mut live = start(config);
    for (step, action) in changes {
        train(&mut live, *step);
        live.change(action.clone()).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    train(&mut live, until);
    let mut again = start(live.config().clone());
    train(&mut again, until);
    assert_eq!(digest(&again), digest(&live), "{what}");
    assert_eq!(again.settings(), live.settings(), "{what}");
}

#[test]
fn changes_of_what_is_told_are_replayed_bit_for_bit() {
    let there_and_back = [(8, told("reward")), (8, told("delayed-reward"))];
    assert_replays(delayed(4.0), &there_and_back, 25, "there and back between two steps");
    let again = [(8, told("delayed-reward")), (12, set("delay", 1.0)), (15, set("delay", 0.0))];
    assert_replays(delayed(4.0), &again, 25, "told the same again, then sooner, then at once");
    let by_way_of_st = [
        (8, told("cross-entropy")),
        (8, switch("st")),
        (8, set("lr", 0.2)),
        (8, switch("reinforce")),
        (8, told("reward")),
        (9, set("lr", 0.05)),
        (14, told("delayed-reward")),
        (20, switch("reinforce-optimal")),
    ];
    assert_replays(delayed(4.0), &by_way_of_st, 30, "by way of an estimator that refuses rewards");
    let back = [(8, told("cross-entropy")), (8, Action::Reset("delay".into())), (20, Action::Reset("told".into()))];
    assert_replays(delayed(4.0), &back, 30, "back to cross-entropy");
}

/// The pending gradients in a run's checkpoint: minibatch and numbers, as bytes.
fn pending(trainer: &mut Trainer<f32>) -> Vec<[Vec<u8>; 2]> {
    let bytes = checkpoint::write(trainer, None).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensor = |i: usize, name: &str| Some(file.tensor(&format!("pending.{i}.{name}")).ok()?.data().to_vec());
    (0..).map_while(|i| Some([tensor(i, "indices")?, tensor(i, "logit_grad")?])).collect()
}

/// What waited is gone once the gater is told something else, even for no step.
#[test]
fn telling_something_else_empties_the_queue() {
    let mut trainer = start(delayed(4.0));
    train(&mut trainer, 10);
    trainer.change(told("reward")).unwrap();
    trainer.change(told("delayed-reward")).unwrap();
    assert_eq!(pending(&mut trainer).len(), 0);
    train(&mut trainer, 13);
    assert_eq!(pending(&mut trainer).len(), 3);
}

/// Shortened, everything overdue comes in the next step; lengthened, nothing comes for a while.
#[test]
fn a_changed_delay_changes_when_things_come() {
    let waiting = |trainer: &mut Trainer<f32>| pending(trainer).len();
    let mut trainer = start(delayed(6.0));
    train(&mut trainer, 20);
    assert_eq!(waiting(&mut trainer), 6);
    trainer.change(set("delay", 2.0)).unwrap();
    assert_eq!(waiting(&mut trainer), 6, "until the next step");
    train(&mut trainer, 21);
    assert_eq!(waiting(&mut trainer), 2);
    trainer.change(set("delay", 4.0)).unwrap();
    train(&mut trainer, 30);
    assert_eq!(waiting(&mut trainer), 4);
    trainer.change(set("delay", 0.0)).unwrap();
    train(&mut trainer, 31);
    assert_eq!(waiting(&mut trainer), 0);
}

/// A step that fails leaves what waits as it was.
#[test]
fn a_step_that_fails_loses_nothing() {
    let mut trainer = start(delayed(3.0));
    train(&mut trainer, 8);
    let before = pending(&mut trainer);
    trainer.parameters_mut().gater_hidden.weight[(400, 0)] = f32::NAN;
    assert!(trainer.step(&DATA).is_err());
    trainer.parameters_mut().gater_hidden.weight[(400, 0)] = 0.0;
    assert_eq!(pending(&mut trainer), before);
}

#[test]
fn estimators_that_need_a_slope_refuse_a_reward() {
    for record in registry::RECORDS {
        for name in ["cross-entropy", "reward", "delayed-reward"] {
            let made = Trainer::<f32>::new(with_told(record.id, name, 3.0));
            let allowed = name == "cross-entropy" || record.needs.only_losses();
            let Some(error) = made.err() else {
                assert!(allowed, "{} takes {name}", record.id);
                continue;
            };
            assert!(!allowed, "{} refuses {name}: {error}", record.id);
            let message = error.to_string();
            for word in ["reward", "slope", record.id, "cross-entropy", "reinforce-mean"] {
                assert!(message.contains(word), "“{word}” in: {message}");
            }
        }
    }
    // And on the way: both orders, with the run left as it was.
    let mut trainer = start(config("st", 7));
    assert!(trainer.change(told("reward")).is_err());
    trainer.change(switch("reinforce-mean")).unwrap();
    trainer.change(told("reward")).unwrap();
    let error = trainer.change(switch("concrete")).err().unwrap();
    assert!(error.to_string().contains("concrete"), "{error}");
    assert_eq!(
        (trainer.settings().estimator.as_str(), trainer.settings().gater_loss),
        ("reinforce-mean", GaterLoss::Reward)
    );
    train(&mut trainer, 3);
    // In a configuration it is refused before the run starts.
    let changes = vec![Change { step: 4, action: switch("st") }];
    assert!(Trainer::<f32>::new(RunConfig { changes, ..with_told("reinforce", "reward", 3.0) }).is_err());
}

#[test]
fn a_delay_that_keeps_too_much_waiting_is_refused() {
    let mut large = delayed(200.0);
    for (key, value) in [("batch", 256.0), ("gates", 2000.0)] {
        large.overrides.insert(key.into(), Value::Number(value));
    }
    let message = Settings::of(&large).err().unwrap().to_string();
    assert!(message.contains("200 steps") && message.contains("shorter delay"), "{message}");
    large.overrides.remove("told");
    assert!(Settings::of(&large).is_ok(), "nothing waits");
    assert!(Settings::of(&delayed(201.0)).is_err());
    assert!(Settings::of(&delayed(1.5)).is_err());
}
