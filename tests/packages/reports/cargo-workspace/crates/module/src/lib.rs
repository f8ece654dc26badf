use pyo3::prelude::*;

#[pymodule]
fn workspaced(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("word", workspace_core::answer())
}
