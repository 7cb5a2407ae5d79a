//! The made-up world: what is really down and when, what is wrong with our own network, and what a
//! source asked at some time answers.
//!
//! Times are seconds that the watching machine is awake for: it sleeps every night for eight hours,
//! which is a moment here. What happens in the night cannot be seen and is left out.

use fastrand::Rng;

pub(crate) const DAYS: usize = 30;
/// The waking part of a day.
pub(crate) const DAY: f64 = 16.0 * 3_600.0;
/// The sleeping part.
pub(crate) const NIGHT: f64 = 8.0 * 3_600.0;
pub(crate) const END: f64 = DAYS as f64 * DAY;
/// The sources; the first [`RACK`] are on one host, every second one of the others has no name to
/// resolve.
pub(crate) const SOURCES: usize = 200;
pub(crate) const RACK: usize = 40;
/// How long a source is waited for.
pub(crate) const TIMEOUT: f64 = 10.0;

/// From when to when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub from: f64,
    pub to: f64,
}

impl Span {
    pub(crate) fn has(&self, at: f64) -> bool {
        self.from <= at && at < self.to
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// What is wrong between us and all others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Weather {
    /// No Wi-Fi, and the system says so.
    NoLink,
    /// The router is there, but nothing behind it.
    NoInternet,
    /// Someone else answers in the place of all.
    Portal,
    /// Names are resolved late, or too late.
    SlowDns,
}

/// One true cause of what is down.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    pub span: Span,
    /// Whom it takes down.
    pub sources: std::ops::Range<usize>,
    /// Down and up again all the time: when it is down.
    pub flaps: Option<Vec<Span>>,
}

/// The world.
pub(crate) struct Truth {
    pub causes: Vec<Cause>,
    /// By time; none overlaps another.
    pub weather: Vec<(Span, Weather)>,
    /// For each source, when it is down, by time.
    down: Vec<Vec<Span>>,
    /// For each source, when a packet to it is lost, by time.
    blips: Vec<Vec<Span>>,
}

/// How an asking ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Answer {
    Up,
    Refused,
    Silent,
    NoRoute,
    NoName,
    Stranger,
}

impl Truth {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut causes = Vec::new();
        for _ in 0..8 {
            causes.push(cause(&mut rng, 0..RACK, (600.0, 7_200.0)));
        }
        for source in RACK..SOURCES {
            // One in fifteen days, from seconds to hours.
            for _ in 0..(u8::from(rng.bool()) + u8::from(rng.bool()) + u8::from(rng.bool())) {
                causes.push(cause(&mut rng, source..source + 1, (10.0, 14_400.0)));
            }
        }
        for _ in 0..12 {
            let source = rng.usize(RACK..SOURCES);
            let mut flapping = cause(&mut rng, source..source + 1, (3_600.0, 5_400.0));
            flapping.flaps = Some(flaps(&mut rng, flapping.span));
            causes.push(flapping);
        }
        causes.sort_by(|a, b| a.span.from.total_cmp(&b.span.from));
        let mut apart: Vec<Cause> = Vec::new();
        for cause in causes {
            // Of one source, one at a time, with time to be over between them.
            let near = |other: &Cause| {
                let wide = Span {
                    from: other.span.from,
                    to: other.span.to + 3_600.0,
                };
                other.sources.start == cause.sources.start && wide.overlaps(&cause.span)
            };
            if !apart.iter().any(near) {
                apart.push(cause);
            }
        }
        let mut down = vec![Vec::new(); SOURCES];
        for cause in &apart {
            for source in cause.sources.clone() {
                match &cause.flaps {
                    Some(spans) => down[source].extend(spans),
                    None => down[source].push(cause.span),
                }
            }
        }
        let blips = (0..SOURCES).map(|_| blips(&mut rng)).collect();
        Self {
            causes: apart,
            weather: weather(&mut rng),
            down,
            blips,
        }
    }

    pub(crate) fn weather_at(&self, at: f64) -> Option<Weather> {
        let index = self.weather.partition_point(|(span, _)| span.to <= at);
        let (span, weather) = self.weather.get(index)?;
        span.has(at).then_some(*weather)
    }

    /// True of a source that is really down at some time within.
    pub(crate) fn is_down(&self, source: usize, within: Span) -> bool {
        let spans = &self.down[source];
        let index = spans.partition_point(|span| span.to <= within.from);
        spans.get(index).is_some_and(|span| span.overlaps(&within))
    }

    /// What a source answers that is asked at some time, and how long that takes. `luck`: 0 to 1.
    pub(crate) fn ask(&self, source: usize, at: f64, luck: f64) -> (Answer, f64) {
        let named = source < RACK || source.is_multiple_of(2);
        let resolve = match self.weather_at(at) {
            Some(Weather::NoLink) => return (Answer::NoRoute, 0.001),
            Some(Weather::NoInternet) if named => return (Answer::NoName, TIMEOUT),
            Some(Weather::NoInternet) => return (Answer::Silent, TIMEOUT),
            Some(Weather::Portal) => return (Answer::Stranger, 0.1),
            Some(Weather::SlowDns) if named => 4.0 + 8.0 * luck,
            Some(Weather::SlowDns) | None => 0.0,
        };
        if resolve > TIMEOUT {
            return (Answer::NoName, TIMEOUT);
        }
        let is_in = |spans: &[Span]| {
            let index = spans.partition_point(|span| span.to <= at);
            spans.get(index).is_some_and(|span| span.has(at))
        };
        if is_in(&self.down[source]) {
            return match source % 3 {
                0 => (Answer::Silent, TIMEOUT),
                _ => (Answer::Refused, resolve + 0.05),
            };
        }
        if is_in(&self.blips[source]) {
            return (Answer::Refused, resolve + 0.05);
        }
        (Answer::Up, resolve + 0.05 + 0.2 * luck)
    }
}

/// Somewhere in the thirty days, over before the day is.
fn cause(rng: &mut Rng, sources: std::ops::Range<usize>, (least, most): (f64, f64)) -> Cause {
    let lasts = least * (most / least).powf(rng.f64());
    let day = rng.usize(0..DAYS) as f64 * DAY;
    // The first minutes are the start, which is told in its own way.
    let from = day + 300.0 + rng.f64() * (DAY - 300.0);
    let span = Span {
        from,
        to: (from + lasts).min(END),
    };
    Cause {
        span,
        sources,
        flaps: None,
    }
}

fn flaps(rng: &mut Rng, span: Span) -> Vec<Span> {
    let (mut spans, mut at) = (Vec::new(), span.from);
    while at < span.to {
        let to = (at + 40.0 + 60.0 * rng.f64()).min(span.to);
        spans.push(Span { from: at, to });
        at = to + 40.0 + 60.0 * rng.f64();
    }
    spans
}

/// About one packet in twenty minutes.
fn blips(rng: &mut Rng) -> Vec<Span> {
    let (mut spans, mut at) = (Vec::new(), 0.0);
    loop {
        at += 3.0 - 1_200.0 * (1.0 - rng.f64()).ln();
        if at > END {
            return spans;
        }
        spans.push(Span {
            from: at,
            to: at + 2.0,
        });
        at += 30.0;
    }
}

fn weather(rng: &mut Rng) -> Vec<(Span, Weather)> {
    let mut spans: Vec<(Span, Weather)> = Vec::new();
    for day in 0..DAYS {
        let morning = day as f64 * DAY;
        if day % 4 == 1 {
            // Awake where a login is wanted, or before the Wi-Fi is there.
            let kind = [Weather::Portal, Weather::NoLink, Weather::NoInternet][day / 4 % 3];
            let to = morning + 20.0 + 600.0 * rng.f64();
            spans.push((Span { from: morning, to }, kind));
        }
        for _ in 0..rng.usize(1..5) {
            let kind = [
                Weather::NoLink,
                Weather::NoInternet,
                Weather::NoInternet,
                Weather::Portal,
                Weather::SlowDns,
            ][rng.usize(0..5)];
            let from = morning + 1_200.0 + rng.f64() * (DAY - 9_000.0);
            // From 5 s to 2 h.
            let to = from + 5.0 * 1_440.0_f64.powf(rng.f64());
            spans.push((Span { from, to }, kind));
        }
    }
    spans.sort_by(|(a, _), (b, _)| a.from.total_cmp(&b.from));
    let mut apart: Vec<(Span, Weather)> = Vec::new();
    for (span, kind) in spans {
        if apart
            .last()
            .is_none_or(|(last, _)| last.to + 60.0 < span.from)
        {
            apart.push((span, kind));
        }
    }
    apart
}
