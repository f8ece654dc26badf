//! What a program said that ran on the host while this was built. The few words of Python's interface are our own: its
//! crates would take minutes.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::ptr::null;

#[repr(C)]
pub struct ModuleDef {
    head: [usize; 5],
    name: *const c_char,
    doc: *const c_char,
    size: isize,
    rest: [*const c_void; 5],
}

extern "C" {
    fn PyModule_Create2(definition: *mut ModuleDef, version: c_int) -> *mut c_void;
    fn PyModule_AddStringConstant(module: *mut c_void, name: *const c_char, value: *const c_char) -> c_int;
    fn PyModule_AddIntConstant(module: *mut c_void, name: *const c_char, value: c_long) -> c_int;
}

static mut DEFINITION: ModuleDef = ModuleDef {
    head: [1, 0, 0, 0, 0],
    name: concat!("cargo_run", "\0").as_ptr().cast(),
    doc: null(),
    size: -1,
    rest: [null(); 5],
};

/// # Safety
/// Python calls it.
#[no_mangle]
pub unsafe extern "C" fn PyInit_cargo_run() -> *mut c_void {
    let module = PyModule_Create2(&raw mut DEFINITION, 1013);
    if !module.is_null() {
        let machine = concat!(env!("MACHINE"), "\0");
        PyModule_AddStringConstant(module, c"machine".as_ptr(), machine.as_ptr().cast());
        PyModule_AddIntConstant(module, c"pointer".as_ptr(), env!("POINTER").parse().unwrap());
        PyModule_AddIntConstant(module, c"little".as_ptr(), env!("LITTLE").parse().unwrap());
    }
    module
}
