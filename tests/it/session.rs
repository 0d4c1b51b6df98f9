//! Sessions, through requests and responses. `T1` to `T47` are the bug classes that libraries of this kind have had.

mod failures;
mod handles;
mod ids;
mod limits;
mod model;

mod orders;
mod races;
mod responses;
mod scheduled;

pub(crate) mod staged;
pub(crate) mod support;
mod users;
mod values;
