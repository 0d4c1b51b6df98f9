//! What the portal does with a consent, and not without: it counts views of its first page, and shows an offer once.

use maud::{Markup, html};
use tower_cookie_policy::{Category, Cookies};

use crate::page::Visit;

/// What came of it in this request.
pub(crate) struct Consented {
    views: Option<u32>,
    is_offered: bool,
}

impl Consented {
    /// Counts this view and notes the offer, as far as the visitor has consented. Under another table than the portal's own there
    /// may be no such cookies, and then nothing comes of it.
    pub(crate) fn of(cookies: &Cookies) -> Self {
        let consent = cookies.consent();
        let views = consent.allows(&Category::Statistics).then(|| {
            let before = cookies.get(STATISTICS).and_then(|count| count.parse().ok()).unwrap_or(0_u32);
            before.saturating_add(1)
        });
        let views = views.filter(|views| cookies.set(STATISTICS, views.to_string()).is_ok());
        let is_offered = consent.allows(&Category::Marketing)
            && !cookies.contains(OFFER)
            && cookies.set(OFFER, "seen").is_ok();
        Self { views, is_offered }
    }
}

/// What the first page shows of it.
pub(crate) fn section(visit: &Visit, consented: &Consented) -> Markup {
    let words = visit.words;
    html! {
        @if consented.is_offered {
            section.card aria-labelledby="offer" {
                h2 #offer { (words.offer) }
                p { (words.offer_text) }
            }
        }
        @if let Some(views) = consented.views {
            p.quiet.views { (words.visits.0) (views) (words.visits.1) }
        }
    }
}

const STATISTICS: &str = "portal_stats";
const OFFER: &str = "promo_summer";
