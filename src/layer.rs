//! The layer: puts a policy around a service.

use tower_layer::Layer;

use crate::policy::CookiePolicy;
use crate::service::CookiePolicyService;

/// Makes services keep a [`CookiePolicy`]. Made by [`CookiePolicy::layer`].
///
/// Put it around everything that reads or writes cookies. A second layer of the same policy (of a
/// clone of it), further in, stands aside; layers of different policies live side by side, each with an id of its own.
#[derive(Clone, Debug)]
pub struct CookiePolicyLayer {
    policy: CookiePolicy,
}

impl CookiePolicy {
    /// The layer that makes a service keep this policy.
    #[must_use]
    pub fn layer(&self) -> CookiePolicyLayer {
        CookiePolicyLayer { policy: self.clone() }
    }
}

impl<S> Layer<S> for CookiePolicyLayer {
    type Service = CookiePolicyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CookiePolicyService::new(inner, self.policy.clone())
    }
}
