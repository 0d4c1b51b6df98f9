//! What a policy says of where requests come from.

use super::CookiePolicyBuilder;
use crate::policy::flow::Flow;

impl CookiePolicyBuilder {
    /// The application's own origin, as browsers see it: `https://shop.example`, with a port only where it is not the
    /// scheme's own. The default is what each request says: its authority (`:authority` of HTTP/2) or else its `Host`, with
    /// `https`, or also with `http` on a loopback host or under [`danger_allow_http`](Self::danger_allow_http).
    ///
    /// Say it where a proxy in front rewrites `Host`: headers that proxies add (`Forwarded`, `X-Forwarded-Host`) are never
    /// read. Applications with several names leave it out, or list the others in [`allowed_origins`](Self::allowed_origins).
    ///
    /// # The referrer check
    /// A request with an unsafe method (any but GET, HEAD, OPTIONS and TRACE), or with an `Upgrade`, is judged by the first
    /// rule that applies:
    ///
    /// | what comes in | passes |
    /// |---|---|
    /// | an `Origin` on the list of [`allowed_origins`](Self::allowed_origins) | yes |
    /// | `Sec-Fetch-Site` | where it is `same-origin` or `none`, whatever `Origin` and `Referer` say |
    /// | `Origin` | where it is our own, and so is the origin of a `Referer` beside it |
    /// | `Referer` | where its origin is our own |
    /// | none of these | yes, unless the policy says [`require_referrer`](Self::require_referrer) |
    ///
    /// Two fields of one name do not pass, nor do `null`, userinfo, or another scheme, host (a sibling or a subdomain is
    /// another) or port. Hosts compare in ASCII and without regard to case, and a scheme's own port is no port.
    ///
    /// Browsers send `Sec-Fetch-Site` to https and loopback hosts (Chrome since 76, Firefox since 90, Safari since 16.4; Chrome
    /// not with WebSockets), `Origin` with every unsafe method and every WebSocket, and `Referer` as the page's
    /// `Referrer-Policy` has it, never with a WebSocket. `Origin: null` comes from sandboxed frames, after redirects across sites, and from the
    /// forms of pages under `no-referrer`; those last pass by their `Sec-Fetch-Site: same-origin`.
    ///
    /// A layer that changes the method (`X-HTTP-Method-Override`) belongs outside of this one: what came as a GET would pass,
    /// and be a POST behind it.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// let policy = |origin| CookiePolicy::empty(KeyRing::generate().unwrap()).origin(origin).build();
    /// assert!(policy("https://shop.example").is_ok());
    /// assert!(policy("http://localhost:3000").is_ok());
    /// let error = policy("https://shop.example/").unwrap_err();
    /// assert!(error.to_string().contains("without a path"), "{error}");
    /// ```
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.document.origin = Some(origin.into());
        self
    }

    /// Other origins whose pages may send unsafe requests here, such as `https://login.example` for a sign-in that posts its
    /// answer: the whole list. The default is none. What is allowed here is allowed everything, from
    /// [flows](Self::flow) apart, and its pages can send what they like: list only what you would run as your own.
    ///
    /// Each is written as browsers send it: scheme, host in ASCII, and a port where it is not the scheme's own. There are no
    /// wildcards, and no `null`, which is the origin of every sandboxed page.
    pub fn allowed_origins<I: IntoIterator<Item: Into<String>>>(mut self, origins: I) -> Self {
        self.document.allowed_origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Refuses an unsafe request that says nothing of where it comes from. The default lets it pass: every browser of today
    /// says something, and programs with a cookie jar (curl, an app) say nothing.
    ///
    /// Say it where browsers are the only clients. Then a program has to send `Origin`.
    pub fn require_referrer(mut self) -> Self {
        self.document.require_referrer = true;
        self
    }

    /// Lets a path be entered from these pages of the same origin only, whatever the method. One more flow; several for one
    /// path add up. The default is none. It is this one path: neither what lies below it, nor a pattern of a router, which does
    /// not build.
    ///
    /// A page is known by the `Referer`, whose origin has to be [our own](Self::origin) and whose path has to be one of
    /// these. So the verdict is about each request by itself:
    ///
    /// | how `/transfer` is reached under `flow("/transfer", ["/account"])` | entered |
    /// |---|---|
    /// | a link, a form or a script's request on `/account`, also in a second tab, also through a redirect | yes |
    /// | going back or forward to it, and the reload button: browsers repeat the `Referer` that it was entered with | as before |
    /// | its own form, shown again after a mistake, and a script's `location.reload()`: name it too, `["/account", "/transfer"]` | no |
    /// | typed, from a bookmark, from another site, also from an allowed origin | no |
    /// | a WebSocket, which has no `Referer` | no |
    /// | a page or link under `Referrer-Policy: no-referrer`, `origin` or `strict-origin`, or `rel="noreferrer"`: there is no `Referer`, or it has no path | no |
    ///
    /// The policy that browsers have by default, `strict-origin-when-cross-origin`, sends what is needed.
    ///
    /// A flow is about the way through a site, and about other sites that send visitors into the middle of it. Scripts that
    /// run on one of our own pages can enter it, and so can programs, which write what `Referer` they like.
    ///
    /// Paths compare percent-decoded once, with slashes collapsed and without the last one, by case; query and fragment do
    /// not matter. What a lax router could take for the path counts as the path: `/x/../transfer` and `/transfer;x=1` too.
    /// Pages are paths as the browser sees them, and the flow's own is the one that this layer sees: a layer that rewrites
    /// paths belongs outside of it, and it goes around the outermost router, since axum's `nest` takes the prefix away from
    /// what is inside.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// let policy = CookiePolicy::empty(KeyRing::generate()?)
    ///     .flow("/transfer", ["/account", "/transfer"])
    ///     .flow("/transfer/confirm", ["/transfer"])
    ///     .build()?;
    /// assert!(policy.to_json()?.contains("/transfer/confirm"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn flow<I: IntoIterator<Item: Into<String>>>(mut self, path: impl Into<String>, pages: I) -> Self {
        let pages = pages.into_iter().map(Into::into).collect();
        self.document.flows.push(Flow { path: path.into(), pages });
        self
    }
}
