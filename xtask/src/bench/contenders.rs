//! Who is measured: chainrule and its peers, and what each of them can do.

/// Where a contender's program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A package below `bench/`, built by cargo on its own.
    Rust(&'static str),
    /// A script in `bench/peers/python`.
    Python(&'static str),
    /// A C file below `bench/peers`, and the library that `pkg-config` knows.
    C(&'static str, &'static str),
}

/// Someone who takes part.
#[derive(Debug)]
pub struct Contender {
    /// As the report names it.
    pub name: &'static str,
    /// What `--without` calls it.
    pub peer: &'static str,
    /// Its program.
    pub origin: Origin,
    /// A last argument for its program.
    pub variant: Option<&'static str>,
    /// Tasks, and the problem that it solves for each.
    pub solves: &'static [(&'static str, &'static str)],
    /// Whether it can use two threads.
    pub threaded: bool,
    /// What the reader must know.
    pub note: &'static str,
}

/// chainrule in single precision: what everything is compared with.
pub const CHAINRULE: &str = "chainrule";
/// chainrule in double precision.
pub const CHAINRULE_F64: &str = "chainrule f64";

const TRAINING: [(&str, &str); 3] = [("seed", "seed"), ("tab", "tab"), ("wide", "wide")];
const ALL: &[(&str, &str)] = &[
    TRAINING[0],
    TRAINING[1],
    TRAINING[2],
    ("row-seed", "seed"),
    ("row-tab", "tab"),
    ("rows", "rows"),
];
const NOT_MANY_ROWS: &[(&str, &str)] = ALL.split_at(5).0;

/// Everyone, chainrule first.
pub const CONTENDERS: [Contender; 11] = [
    Contender {
        name: CHAINRULE,
        peer: CHAINRULE,
        origin: Origin::Rust("chainrule"),
        variant: None,
        solves: ALL,
        threaded: true,
        note: "",
    },
    Contender {
        name: CHAINRULE_F64,
        peer: CHAINRULE_F64,
        origin: Origin::Rust("chainrule"),
        variant: Some("f64"),
        solves: ALL,
        threaded: true,
        note: "double precision; its share is of the peak in double precision",
    },
    Contender {
        name: "JAX, whole loop",
        peer: "jax",
        origin: Origin::Python("jax_peer.py"),
        variant: Some("loop"),
        solves: &TRAINING,
        threaded: true,
        note: "the loop over steps compiled with them (`lax.scan`)",
    },
    Contender {
        name: "JAX, jitted step",
        peer: "jax",
        origin: Origin::Python("jax_peer.py"),
        variant: None,
        solves: ALL,
        threaded: true,
        note: "",
    },
    Contender {
        name: "PyTorch",
        peer: "torch",
        origin: Origin::Python("torch_peer.py"),
        variant: None,
        solves: ALL,
        threaded: true,
        note: "eager mode",
    },
    Contender {
        name: "scikit-learn",
        peer: "sklearn",
        origin: Origin::Python("sklearn_peer.py"),
        variant: None,
        solves: &[
            ("seed", "seed-relu"),
            TRAINING[1],
            TRAINING[2],
            ("row-seed", "seed-relu"),
            ("row-tab", "tab"),
            ("rows", "rows"),
        ],
        threaded: true,
        note: "MLPRegressor has no LeakyReLU: the seed shape with ReLU",
    },
    Contender {
        name: "burn",
        peer: "burn",
        origin: Origin::Rust("peers/burn"),
        variant: None,
        solves: NOT_MANY_ROWS,
        threaded: true,
        note: "flex backend, with its AVX-512 feature",
    },
    Contender {
        name: "candle",
        peer: "candle",
        origin: Origin::Rust("peers/candle"),
        variant: None,
        solves: NOT_MANY_ROWS,
        threaded: true,
        note: "",
    },
    Contender {
        name: "rust-mlp",
        peer: "rust-mlp",
        origin: Origin::Rust("peers/rust-mlp"),
        variant: None,
        solves: NOT_MANY_ROWS,
        threaded: false,
        note: "with its feature `matrixmultiply`; has no threads",
    },
    Contender {
        name: "FANN",
        peer: "fann",
        origin: Origin::C("peers/fann/peer_fann.c", "fann"),
        variant: None,
        solves: &[
            ("seed", "seed-identity"),
            ("row-seed", "seed-identity"),
            ("row-tab", "tab-identity"),
        ],
        threaded: false,
        note: "has neither LeakyReLU nor ReLU: hidden layers without activation, the least work; has no Adam, no threads",
    },
    Contender {
        name: "ONNX Runtime",
        peer: "onnxruntime",
        origin: Origin::Python("onnxruntime_peer.py"),
        variant: None,
        solves: NOT_TRAINING,
        threaded: true,
        note: "from Python; prediction alone",
    },
];
const NOT_TRAINING: &[(&str, &str)] = ALL.split_at(3).1;

impl Contender {
    /// The problem that it solves for a task with so many threads, if it can do it.
    pub fn problem(&self, task: &str, threads: usize) -> Option<&'static str> {
        let solved = self.solves.iter().find(|(name, _)| *name == task);
        solved
            .filter(|_| threads == 1 || self.threaded)
            .map(|(_, problem)| *problem)
    }
}
