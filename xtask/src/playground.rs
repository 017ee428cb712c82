//! `cargo xtask playground`: the page in the browser, with the core compiled to WebAssembly.
//!
//! A compiler for the browser is rustup's, where its target is installed, or a distribution's with the source of the
//! standard library, which cargo then compiles as well. What is missing is said before anything is built.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{await_installation, cargo, output, run, works};
use crate::repository;

/// The target that a browser runs: no threads, no files, no clock.
pub const WEB: &str = "wasm32-unknown-unknown";

/// Vectors of 128 bits, which every browser has had since 2023.
const VECTORS: &str = "-Ctarget-feature=+simd128";

/// What is made small gets no loops in vectors at the end, when all crates are optimized as one. The core's loops get
/// theirs before.
const LOOPS: &str = "-Cpasses=function(loop-vectorize,slp-vectorizer)";

/// What is asked rarely is made small; the core, which trains, is made fast.
const PROFILE: [&str; 5] = [
    "profile.release.opt-level=\"z\"",
    "profile.release.package.chainrule.opt-level=2",
    "profile.release.lto=\"fat\"",
    "profile.release.panic=\"abort\"",
    "profile.release.strip=false", // The bindings read what is known of the target there, and strip it themselves.
];

/// How the page can be built here.
pub struct Tools {
    web: Web,
}

/// A compiler for the browser.
pub enum Web {
    /// The one that cargo takes anyway.
    Rustup,
    /// A distribution's, with the source of the standard library.
    Distribution {
        /// The compiler.
        rustc: &'static str,
        /// LLVM's linker for WebAssembly.
        linker: PathBuf,
    },
}

impl Tools {
    /// What is there, or the sentence that says what is missing.
    pub fn find(root: &Path) -> Result<Tools, String> {
        let web = Web::find(root)?;
        for program in ["node", "npm"] {
            if !works(Command::new(program).arg("--version")) {
                return Err(format!(
                    "no {program}: the page is built by Node.js 20 or newer with npm"
                ));
            }
        }
        Ok(Tools { web })
    }

    /// Builds the page and gives its folder.
    pub fn build(&self, root: &Path, warnings: Warnings) -> Result<PathBuf, String> {
        let target = repository::target_directory(root)?;
        let page = root.join("playground");
        let mut core = self.web.compile(root, "rustc", warnings)?;
        core.args(["-p", "chainrule-playground", "--lib"]);
        core.args(["--crate-type", "cdylib"]);
        // What serves the page is made beside the core, which one processor compiles for most of the time.
        std::thread::scope(|scope| {
            let prepared = scope.spawn(|| prepare(root, &page, &target));
            run(&mut core)?;
            prepared.join().map_err(|_| "the page was not prepared")?
        })?;

        let wasm = web_directory(root)?
            .join(WEB)
            .join("release/chainrule_playground.wasm");
        run(Command::new(target.join("playground-bind/release/bind"))
            .arg(wasm)
            .arg(page.join("src/core")))?;
        run(npm(&page).args(["run", "build"]))?;
        Ok(target.join("playground"))
    }
}

/// The program that makes the bindings, and the packages that build and try the page.
fn prepare(root: &Path, page: &Path, target: &Path) -> Result<(), String> {
    let mut bind = cargo(root);
    bind.args(["build", "--release", "--locked"]);
    bind.args(["--manifest-path", "playground/bind/Cargo.toml"]);
    run(bind.arg("--target-dir").arg(target.join("playground-bind")))?;
    let wanted = repository::read(&page.join("package-lock.json"))?;
    let packages = page.join("node_modules");
    if !repository::made_from(&packages, &wanted) {
        run(npm(page).args(["ci", "--no-audit", "--no-fund"]))?;
        repository::note_made_from(&packages, &wanted)?;
    }
    Ok(())
}

/// Builds the page; shows it until it is interrupted, if that is asked for.
pub fn build(root: &Path, serve: bool) -> Result<(), String> {
    let folder = Tools::find(root)?.build(root, Warnings::Shown)?;
    println!(
        "the page is in {}: any web server can serve it, under any path",
        folder.display()
    );
    match serve {
        true => run(npm(&root.join("playground")).args(["exec", "vite", "preview"])),
        false => Ok(()),
    }
}

/// npm, in the page's folder.
pub fn npm(page: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(page);
    npm
}

/// What becomes of the compiler's warnings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Warnings {
    /// They are shown.
    Shown,
    /// They are errors.
    Denied,
}

impl Web {
    /// What is there, or the sentence that says what is missing.
    pub fn find(root: &Path) -> Result<Web, String> {
        await_installation();
        if rustup_has_web(root)? {
            return Ok(Web::Rustup);
        }
        let rustc = "/usr/bin/rustc";
        let has_source = Path::new("/usr/lib/rustlib/src/rust/library/std").is_dir();
        let linker = linker().filter(|_| has_source && Path::new(rustc).is_file());
        let linker = linker.ok_or_else(|| {
            format!(
                "no compiler for {WEB}: `rustup target add {WEB}`, or Debian's packages rustc-web, rust-web-src and lld-19"
            )
        })?;
        Ok(Web::Distribution { rustc, linker })
    }

    /// A task of cargo that compiles for the browser as the page is compiled, ready for its packages. What one of them
    /// has compiled serves the others.
    pub fn compile(&self, root: &Path, task: &str, warnings: Warnings) -> Result<Command, String> {
        let mut cargo = cargo(root);
        cargo.args([task, "--release", "--locked", "--target", WEB]);
        // A folder of its own: neither build throws away what the other has made.
        cargo.arg("--target-dir").arg(web_directory(root)?);
        PROFILE.iter().for_each(|setting| {
            cargo.args(["--config", setting]);
        });
        let mut flags = vec![VECTORS.to_owned(), LOOPS.to_owned()];
        if warnings == Warnings::Denied {
            flags.push("-Dwarnings".to_owned());
        }
        if let Some(home) = cargo_home() {
            // Messages of a panic name the file, which need not tell of this machine.
            flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
        }
        if let Web::Distribution { rustc, linker } = self {
            // Compiling the standard library is not stable; the variable allows it.
            cargo.args(["-Z", "build-std=std,panic_abort"]);
            cargo.env("RUSTC", rustc).env("RUSTC_BOOTSTRAP", "1");
            flags.push(format!("-Clinker={}", linker.display()));
            flags.push("-Clinker-flavor=wasm-ld".to_owned());
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        Ok(cargo)
    }
}

/// Where cargo compiles for the browser.
fn web_directory(root: &Path) -> Result<PathBuf, String> {
    Ok(repository::target_directory(root)?.join("playground-build"))
}

/// Where cargo keeps the sources of packages.
fn cargo_home() -> Option<PathBuf> {
    let own = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    own.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// Whether the compiler that cargo takes can compile for a browser.
fn rustup_has_web(root: &Path) -> Result<bool, String> {
    let mut rustc = Command::new("rustc");
    let sysroot = output(rustc.current_dir(root).args(["--print", "sysroot"]))?;
    let libraries = Path::new(sysroot.trim()).join("lib/rustlib");
    Ok(libraries.join(WEB).is_dir())
}

/// LLVM's linker for WebAssembly, as Debian installs it.
fn linker() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib").ok()?.flatten();
    let linkers = installed.map(|entry| entry.path().join("bin/wasm-ld"));
    linkers.filter(|path| path.is_file()).max()
}
