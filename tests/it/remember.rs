//! Remembered logins, and the cookies that go along with a session, through requests and responses.

mod bound;
mod ending;
mod failures;
mod parallel;
mod redeeming;
mod support;
mod theft;
