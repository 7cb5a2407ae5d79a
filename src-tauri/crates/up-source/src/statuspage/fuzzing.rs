//! A way in for the fuzz targets.

use http::header::HeaderMap;
use up_core::CheckResult;

use super::{MAX_PAGE, PageScope, Provider, seek};

/// The most of a page that is read, in bytes.
pub const LARGEST_PAGE: usize = MAX_PAGE as usize;

/// What a page says, of itself, of two of its components, and of all of them; `None` when it cannot be read.
pub fn statuspage(provider: Option<Provider>, body: &[u8]) -> Option<[CheckResult; 3]> {
    let (_, report) = seek::read(body, &HeaderMap::new(), provider)?;
    let names = PageScope::Named(["API", "Webhooks"].map(Box::from).into());
    Some([&PageScope::Whole, &names, &PageScope::Tree(None)].map(|wanted| report.answer(wanted)))
}
