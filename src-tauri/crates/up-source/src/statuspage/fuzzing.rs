//! A way in for the fuzz targets.

use http::header::HeaderMap;
use up_core::Answer;

use super::{MAX_PAGE, Provider, Wanted, seek};

/// The most of a page that is read, in bytes.
pub const LARGEST_PAGE: usize = MAX_PAGE as usize;

/// What a page says, of itself, of two of its components, and of all of them; `None` when it cannot be read.
pub fn statuspage(provider: Option<Provider>, body: &[u8]) -> Option<[Answer; 3]> {
    let (_, report) = seek::read(body, &HeaderMap::new(), provider)?;
    let names = Wanted::Named(["API", "Webhooks"].map(Box::from).into());
    Some([&Wanted::Whole, &names, &Wanted::Tree(None)].map(|wanted| report.answer(wanted)))
}
