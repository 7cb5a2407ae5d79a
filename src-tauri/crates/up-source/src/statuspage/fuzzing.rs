//! The entry point for the fuzz targets.

use http::header::HeaderMap;
use up_core::CheckResult;

use super::{MAX_PAGE, PageScope, Provider, seek};

/// The largest number of bytes that are read of a page.
pub const LARGEST_PAGE: usize = MAX_PAGE as usize;

/// The results of checks of the page as a whole, of two of its components, and of all of them.
/// `None` if the page cannot be read.
pub fn statuspage(provider: Option<Provider>, body: &[u8]) -> Option<[CheckResult; 3]> {
    let (_, report) = seek::read(body, &HeaderMap::new(), provider)?;
    let names = PageScope::Named(["API", "Webhooks"].map(Box::from).into());
    Some([&PageScope::Whole, &names, &PageScope::Tree(None)].map(|scope| report.answer(scope)))
}
