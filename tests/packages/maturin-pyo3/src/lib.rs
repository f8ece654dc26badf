//! What Rust thinks of the machine, and what C and the Python that it is built for do.

use std::collections::BTreeMap;
use std::ffi::{c_int, c_long, c_void};
use std::mem::size_of;

use pyo3::prelude::*;

extern "C" {
    fn c_sizeof_long() -> c_int;
    fn c_sizeof_pointer() -> c_int;
    fn c_little_endian() -> c_int;
}

#[pyfunction]
fn facts(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let numbers = BTreeMap::from([
        ("sizeof_long", size_of::<c_long>() as c_int),
        ("SIZEOF_LONG", unsafe { c_sizeof_long() }),
        ("sizeof_pointer", size_of::<*const c_void>() as c_int),
        ("SIZEOF_VOID_P", unsafe { c_sizeof_pointer() }),
        ("little_endian", cfg!(target_endian = "little") as c_int),
        ("PY_LITTLE_ENDIAN", unsafe { c_little_endian() }),
    ]);
    let told = numbers.into_pyobject(py)?;
    told.set_item("built_for", env!("BUILT_FOR"))?;
    told.set_item("caught", caught())?;
    Ok(told.into_any().unbind())
}

/// Unwinds the stack, which is the work of a library that the linker chose.
fn caught() -> String {
    let panic = std::panic::catch_unwind(|| -> () { panic!("no number is {}", std::hint::black_box(42)) });
    *panic.unwrap_err().downcast::<String>().unwrap()
}

#[pymodule]
fn maturin_pyo3(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(facts, module)?)
}
