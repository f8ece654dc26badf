fn main() {
    cc::Build::new().file("src/facts.c").compile("facts");
    println!("cargo:rustc-env=BUILT_FOR={}", pyo3_build_config::get().version());
}
