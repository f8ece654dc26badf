//! Compiles a program of C for the machine that the crate is for, as the crate cc would, and runs it.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    let target = env::var("TARGET").unwrap().replace('-', "_");
    let compiler = env::var(format!("CC_{target}")).expect("the crate cc would look for it there");
    let probe = Path::new(&env::var("OUT_DIR").unwrap()).join("probe");
    let compiled = Command::new(compiler).arg("src/probe.c").arg("-o").arg(&probe).status().unwrap();
    assert!(compiled.success());
    let answer = Command::new(&probe).output().unwrap_or_else(|error| panic!("{}: {error}", probe.display()));
    assert!(answer.status.success());
    for line in String::from_utf8(answer.stdout).unwrap().lines() {
        let mut words = line.split_whitespace().skip(1);
        let (name, value) = (words.next().unwrap(), words.next().unwrap());
        println!("cargo:rustc-env={name}={}", value.trim_matches('"'));
    }
}
