//! Which compiler builds this, for which target and in which profile: counts hold for no other.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    let version =
        version.map_or(String::new(), |said| String::from_utf8_lossy(&said.stdout).into());
    let target = env::var("TARGET").unwrap_or_default();
    // target/PROFILE/build/racelab-instructions-HASH/out; a variable names only dev and release.
    let out = env::var("OUT_DIR").unwrap_or_default();
    let profile = Path::new(&out).ancestors().nth(3).and_then(Path::file_name);
    let profile = profile.map_or(String::new(), |name| name.to_string_lossy().into());
    for (name, value) in [("RUSTC", version.trim()), ("TARGET", &target), ("PROFILE", &profile)] {
        println!("cargo:rustc-env=RACELAB_{name}={value}");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
