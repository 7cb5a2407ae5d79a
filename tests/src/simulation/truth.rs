//! The truth in the simulated world: what is really down and when, what is wrong with our own
//! network, and what the check of a source at some time yields.
//!
//! Times are seconds during which the watching machine is awake. It sleeps for eight hours every
//! night, which is a moment here. What happens in the night cannot be seen and is left out.

use fastrand::Rng;

use super::Shape;
use super::deeds::deeds;
use super::kinds::WorldKind;
use super::sources::{RACK, SOURCES, SimulatedHost, SimulatedSource, sources};
use super::weather::{Partial, Weather, partial, weather};

/// The seconds of a day in which the machine is awake.
pub const DAY: f64 = 16.0 * 3_600.0;
/// The seconds of a night in which it sleeps.
pub const NIGHT: f64 = 8.0 * 3_600.0;

/// A period of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruthPeriod {
    /// The first second of the period.
    pub from: f64,
    /// The first second after the period.
    pub to: f64,
}

impl TruthPeriod {
    /// True if `at` is in the period.
    pub fn has(&self, at: f64) -> bool {
        self.from <= at && at < self.to
    }

    /// True if the periods have some time in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// One true cause of an outage.
#[derive(Clone, Debug)]
pub struct TrueCause {
    /// The period in which it lasts.
    pub span: TruthPeriod,
    /// The sources that are down because of it.
    pub sources: Vec<usize>,
    /// What the checks of these sources yield.
    pub answer: Option<SimulatedAnswer>,
    /// The periods in which a flapping source is down. `None` if it does not flap.
    pub flaps: Option<Vec<TruthPeriod>>,
}

/// Something that a person or the system does to the watching machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deed {
    /// It sleeps for this many seconds.
    Sleep(f64),
    /// Its wall clock is set by this many seconds, forward or back.
    Clock(f64),
    /// The configuration is reloaded.
    Reload,
}

/// The truth of a world.
pub struct Truth {
    /// What the world contains.
    pub shape: Shape,
    /// All sources.
    pub sources: Vec<SimulatedSource>,
    /// All causes, by time.
    pub causes: Vec<TrueCause>,
    /// What is wrong with our own network, by time. No two periods overlap.
    pub weather: Vec<(TruthPeriod, Weather)>,
    /// What is wrong with parts of our network.
    pub partial: Vec<(TruthPeriod, Partial)>,
    /// What is done to the machine, by time.
    pub deeds: Vec<(f64, Deed)>,
    /// For each source: when it is down and what its check yields then, by time.
    down: Vec<Vec<(TruthPeriod, Option<SimulatedAnswer>)>>,
    /// For each source: when a packet to it is lost, by time.
    blips: Vec<Vec<TruthPeriod>>,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SimulatedAnswer {
    /// Success.
    Up,
    /// Refused at once.
    Refused,
    /// Nothing until the deadline.
    Silent,
    /// No route to the host.
    NoRoute,
    /// The name is not resolved.
    NoName,
    /// Another server answers in its place.
    Stranger,
    /// The certificate has expired.
    Expired,
}

impl Shape {
    /// The end of the last day.
    pub fn end(&self) -> f64 {
        self.days as f64 * DAY
    }
}

impl Truth {
    /// The world of a seed.
    pub fn new(shape: &Shape, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let sources = sources(shape, seed);
        let causes = apart(causes(shape, seed, &sources, &mut rng), sources.len());
        let mut down = vec![Vec::new(); sources.len()];
        for cause in &causes {
            for source in &cause.sources {
                match &cause.flaps {
                    Some(spans) => down[*source].extend(spans.iter().map(|span| (*span, None))),
                    None => down[*source].push((cause.span, cause.answer)),
                }
            }
        }
        let blips = sources.iter();
        let blips = blips
            .map(|source| blips_of(&mut rng, source, shape))
            .collect();
        let weather = weather(shape, seed, &mut rng);
        let mut truth = Self {
            shape: shape.clone(),
            sources,
            causes,
            weather,
            partial: partial(shape, seed),
            deeds: Vec::new(),
            down,
            blips,
        };
        truth.deeds = deeds(&truth, seed);
        truth
    }

    /// What is wrong with our own network at that time.
    pub fn weather_at(&self, at: f64) -> Option<Weather> {
        let index = self.weather.partition_point(|(span, _)| span.to <= at);
        let (span, weather) = self.weather.get(index)?;
        span.has(at).then_some(*weather)
    }

    /// What is wrong with parts of our network at that time.
    pub fn partial_at(&self, at: f64) -> impl Iterator<Item = Partial> + '_ {
        let begun = self
            .partial
            .iter()
            .take_while(move |(span, _)| span.from <= at);
        begun
            .filter(move |(span, _)| span.has(at))
            .map(|(_, partial)| *partial)
    }

    /// True if the source is really down at some time in the period.
    pub fn is_down(&self, source: usize, within: TruthPeriod) -> bool {
        let spans = &self.down[source];
        let index = spans.partition_point(|(span, _)| span.to <= within.from);
        spans
            .get(index)
            .is_some_and(|(span, _)| span.overlaps(&within))
    }

    /// The last time before `at` at which the machine slept.
    pub fn slept_before(&self, at: f64) -> Option<f64> {
        let before = self.deeds.iter().take_while(|(then, _)| *then < at);
        let slept = before.filter(|(_, deed)| matches!(deed, Deed::Sleep(_)));
        slept.last().map(|(then, _)| *then)
    }

    /// The outcome of a check of the source at that time, and how many seconds it takes. `luck` is
    /// from 0 to 1.
    pub fn check(&self, index: usize, at: f64, luck: f64) -> (SimulatedAnswer, f64) {
        let source = &self.sources[index];
        let (named, timeout) = (source.is_named(), source.timeout);
        let weather = self.weather_at(at);
        let resolve = match weather {
            Some(Weather::NoLink) => return (SimulatedAnswer::NoRoute, 0.001),
            Some(Weather::NoInternet) if named => return (SimulatedAnswer::NoName, timeout),
            Some(Weather::NoInternet) => return (SimulatedAnswer::Silent, timeout),
            // A source without a verified certificate cannot notice that another server answers.
            // Half of these sources find no server with their protocol.
            Some(Weather::Portal)
                if self.shape.has(WorldKind::Portals) && !source.is_verified() && luck < 0.5 =>
            {
                return (SimulatedAnswer::Up, 0.1);
            }
            Some(Weather::Portal) => return (SimulatedAnswer::Stranger, 0.1),
            Some(Weather::SlowDns) if named => 4.0 + 8.0 * luck,
            _ => 0.0,
        };
        if resolve > timeout {
            return (SimulatedAnswer::NoName, timeout);
        }
        let mut partial = self.partial_at(at);
        if let Some(partial) = partial.find(|partial| partial.hits(index, source)) {
            return match partial {
                Partial::Names { .. } => (SimulatedAnswer::NoName, (5.0 * luck).min(timeout)),
                _ => (SimulatedAnswer::Silent, timeout),
            };
        }
        let mut takes = resolve + 0.05 + 0.2 * luck;
        if self.shape.has(WorldKind::Varied) {
            takes = takes.min(timeout * 0.9);
        }
        match weather {
            Some(Weather::Loss(share)) => {
                let mut rng = Rng::with_seed(luck.to_bits());
                let trips = 2 + usize::from(source.is_verified());
                takes = (0..trips)
                    .map(|trip| trip_of(&mut rng, share, trip == 0))
                    .sum();
            }
            Some(Weather::Slow) => takes = timeout * (0.3 + 0.8 * luck),
            _ => {}
        }
        if takes >= timeout {
            return (SimulatedAnswer::Silent, timeout);
        }
        let spans = &self.down[index];
        let down = spans.partition_point(|(span, _)| span.to <= at);
        if let Some((_, answer)) = spans.get(down).filter(|(span, _)| span.has(at)) {
            return match (answer, index % 3) {
                (Some(SimulatedAnswer::Silent), _) | (None, 0) => {
                    (SimulatedAnswer::Silent, timeout)
                }
                (answer, _) => (answer.unwrap_or(SimulatedAnswer::Refused), takes),
            };
        }
        let spans = &self.blips[index];
        let lost = spans.partition_point(|span| span.to <= at);
        if spans.get(lost).is_some_and(|span| span.has(at)) {
            return (SimulatedAnswer::Refused, takes);
        }
        (SimulatedAnswer::Up, takes)
    }
}

/// The seconds that a packet and its answer take, if each is lost with that probability and sent
/// again as TCP does.
pub fn trip_of(rng: &mut Rng, share: f64, first: bool) -> f64 {
    let (mut takes, mut again) = (0.05, if first { 1.0 } else { 0.3 });
    while rng.f64() > (1.0 - share) * (1.0 - share) && takes < 30.0 {
        takes += again;
        again *= 2.0;
    }
    takes
}

fn causes(shape: &Shape, seed: u64, sources: &[SimulatedSource], rng: &mut Rng) -> Vec<TrueCause> {
    let mut causes = Vec::new();
    for _ in 0..8 {
        causes.push(cause(shape, rng, (0..RACK).collect(), (600.0, 7_200.0)));
    }
    for source in RACK..SOURCES {
        // About one in fifteen days, from seconds to hours long.
        for _ in 0..(u8::from(rng.bool()) + u8::from(rng.bool()) + u8::from(rng.bool())) {
            causes.push(cause(shape, rng, vec![source], (10.0, 14_400.0)));
        }
    }
    for _ in 0..12 {
        let source = rng.usize(RACK..SOURCES);
        let mut flapping = cause(shape, rng, vec![source], (3_600.0, 5_400.0));
        flapping.flaps = Some(flaps(rng, flapping.span));
        causes.push(flapping);
    }
    if shape.has(WorldKind::Region) {
        let mut rng = shape.rng(seed, WorldKind::Region);
        for _ in 0..4 {
            let third = rng.usize(0..3);
            let hit = (RACK..SOURCES)
                .filter(|source| source % 3 == third)
                .collect();
            let mut region = cause(shape, &mut rng, hit, (600.0, 7_200.0));
            region.answer =
                Some([SimulatedAnswer::Silent, SimulatedAnswer::Refused][rng.usize(0..2)]);
            causes.push(region);
        }
    }
    if shape.has(WorldKind::Expiry) {
        let mut rng = shape.rng(seed, WorldKind::Expiry);
        for _ in 0..20 {
            let source = RACK + 2 * rng.usize(0..70);
            let mut expiry = cause(shape, &mut rng, vec![source], (600.0, 14_400.0));
            expiry.answer =
                Some([SimulatedAnswer::Expired, SimulatedAnswer::NoName][rng.usize(0..2)]);
            causes.push(expiry);
        }
    }
    let mut rng = shape.rng(seed, WorldKind::Pages);
    for (part, source) in sources.iter().enumerate() {
        if matches!(source.host, SimulatedHost::PartOf(_)) {
            let mut part = cause(shape, &mut rng, vec![part], (1_800.0, 5_400.0));
            part.flaps = Some(flaps(&mut rng, part.span));
            causes.push(part);
        }
    }
    causes
}

/// Moves causes apart, so that a source has one at a time and is up for a while between them.
fn apart(mut causes: Vec<TrueCause>, count: usize) -> Vec<TrueCause> {
    causes.sort_by(|a, b| a.span.from.total_cmp(&b.span.from));
    let mut over = vec![f64::MIN; count];
    let mut apart: Vec<TrueCause> = Vec::new();
    for mut cause in causes {
        let is_free = |source: &usize| over[*source] + 3_600.0 <= cause.span.from;
        // A region continues without the sources that are down already, but at least half of it has to
        // be left: nobody can know that a few sources in several trees fell for one cause.
        let free: Vec<usize> = cause.sources.iter().copied().filter(is_free).collect();
        if free.len() * 2 <= cause.sources.len() {
            continue;
        }
        for source in &free {
            over[*source] = cause.span.to;
        }
        cause.sources = free;
        apart.push(cause);
    }
    apart
}

/// A cause at a random time that ends before the last day does.
fn cause(
    shape: &Shape,
    rng: &mut Rng,
    sources: Vec<usize>,
    (least, most): (f64, f64),
) -> TrueCause {
    let lasts = least * (most / least).powf(rng.f64());
    let day = rng.usize(0..shape.days) as f64 * DAY;
    // The first minutes belong to the start, whose notices differ.
    let from = day + 300.0 + rng.f64() * (DAY - 300.0);
    let span = TruthPeriod {
        from,
        to: (from + lasts).min(shape.end()),
    };
    TrueCause {
        span,
        sources,
        answer: None,
        flaps: None,
    }
}

fn flaps(rng: &mut Rng, span: TruthPeriod) -> Vec<TruthPeriod> {
    let (mut spans, mut at) = (Vec::new(), span.from);
    while at < span.to {
        let to = (at + 40.0 + 60.0 * rng.f64()).min(span.to);
        spans.push(TruthPeriod { from: at, to });
        at = to + 40.0 + 60.0 * rng.f64();
    }
    spans
}

/// About one lost packet in twenty minutes, each so short that no two checks in a row meet it.
fn blips_of(rng: &mut Rng, source: &SimulatedSource, shape: &Shape) -> Vec<TruthPeriod> {
    let (mut spans, mut at) = (Vec::new(), 0.0);
    loop {
        at += 3.0 - 1_200.0 * (1.0 - rng.f64()).ln();
        if at > shape.end() {
            return spans;
        }
        spans.push(TruthPeriod {
            from: at,
            to: at + (source.interval * 0.8).min(2.0),
        });
        at += 30.0;
    }
}
