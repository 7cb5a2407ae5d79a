//! The names of the objects that can be used in `oid`, and the words for their values.
//!
//! Source: the MIB modules of RFC 1213 and RFC 3418 (system, interfaces), RFC 2863 (IF-MIB), RFC
//! 2790 (HOST-RESOURCES-MIB), RFC 1628 (UPS-MIB) and RFC 3805 (Printer-MIB).

use super::words::Words::{self, Bits, None as Plain, Octets, Of};

/// A row of a table, or a group of scalar objects.
pub(super) struct Group {
    /// The OID that precedes the number of each object, relative to [`MIB_2`].
    pub(super) at: &'static [u32],
    /// True for scalar objects, whose only index is 0. False for the columns of a table.
    pub(super) single: bool,
    /// The objects: number, name, and words for the values.
    pub(super) objects: &'static [(u32, &'static str, Words)],
}

/// The OID `1.3.6.1.2.1` (mib-2), under which all groups are.
pub(super) const MIB_2: &[u32] = &[1, 3, 6, 1, 2, 1];

/// A group of scalar objects.
const fn single(at: &'static [u32], objects: &'static [(u32, &'static str, Words)]) -> Group {
    Group {
        at,
        single: true,
        objects,
    }
}

/// A row of a table.
const fn row(at: &'static [u32], objects: &'static [(u32, &'static str, Words)]) -> Group {
    Group {
        at,
        single: false,
        objects,
    }
}

/// All objects that are known by name.
pub(super) const GROUPS: &[Group] = &[
    // RFC 1213 and 3418, system.
    single(
        &[1],
        &[
            (1, "sysDescr", Plain),
            (2, "sysObjectID", Plain),
            (3, "sysUpTime", Plain),
            (4, "sysContact", Plain),
            (5, "sysName", Plain),
            (6, "sysLocation", Plain),
            (7, "sysServices", Plain),
        ],
    ),
    // RFC 2863, interfaces and ifEntry.
    single(&[2], &[(1, "ifNumber", Plain)]),
    row(
        &[2, 2, 1],
        &[
            (1, "ifIndex", Plain),
            (2, "ifDescr", Plain),
            (3, "ifType", Plain),
            (4, "ifMtu", Plain),
            (5, "ifSpeed", Plain),
            (6, "ifPhysAddress", Octets),
            (7, "ifAdminStatus", ADMIN),
            (8, "ifOperStatus", OPER),
            (9, "ifLastChange", Plain),
            (10, "ifInOctets", Plain),
            (11, "ifInUcastPkts", Plain),
            (12, "ifInNUcastPkts", Plain),
            (13, "ifInDiscards", Plain),
            (14, "ifInErrors", Plain),
            (15, "ifInUnknownProtos", Plain),
            (16, "ifOutOctets", Plain),
            (17, "ifOutUcastPkts", Plain),
            (18, "ifOutNUcastPkts", Plain),
            (19, "ifOutDiscards", Plain),
            (20, "ifOutErrors", Plain),
            (21, "ifOutQLen", Plain),
        ],
    ),
    // RFC 2863, ifXEntry.
    row(
        &[31, 1, 1, 1],
        &[
            (1, "ifName", Plain),
            (2, "ifInMulticastPkts", Plain),
            (3, "ifInBroadcastPkts", Plain),
            (4, "ifOutMulticastPkts", Plain),
            (5, "ifOutBroadcastPkts", Plain),
            (6, "ifHCInOctets", Plain),
            (7, "ifHCInUcastPkts", Plain),
            (8, "ifHCInMulticastPkts", Plain),
            (9, "ifHCInBroadcastPkts", Plain),
            (10, "ifHCOutOctets", Plain),
            (11, "ifHCOutUcastPkts", Plain),
            (12, "ifHCOutMulticastPkts", Plain),
            (13, "ifHCOutBroadcastPkts", Plain),
            (15, "ifHighSpeed", Plain),
            (16, "ifPromiscuousMode", TRUTH),
            (17, "ifConnectorPresent", TRUTH),
            (18, "ifAlias", Plain),
            (19, "ifCounterDiscontinuityTime", Plain),
        ],
    ),
    // RFC 2790, hrSystem, hrStorage.
    single(
        &[25, 1],
        &[
            (1, "hrSystemUptime", Plain),
            (5, "hrSystemNumUsers", Plain),
            (6, "hrSystemProcesses", Plain),
            (7, "hrSystemMaxProcesses", Plain),
        ],
    ),
    single(&[25, 2], &[(2, "hrMemorySize", Plain)]),
    row(
        &[25, 2, 3, 1],
        &[
            (1, "hrStorageIndex", Plain),
            (2, "hrStorageType", Plain),
            (3, "hrStorageDescr", Plain),
            (4, "hrStorageAllocationUnits", Plain),
            (5, "hrStorageSize", Plain),
            (6, "hrStorageUsed", Plain),
            (7, "hrStorageAllocationFailures", Plain),
        ],
    ),
    // RFC 2790, hrDeviceEntry, hrProcessorEntry, hrPrinterEntry, hrSWRunEntry, hrSWRunPerfEntry.
    row(
        &[25, 3, 2, 1],
        &[
            (1, "hrDeviceIndex", Plain),
            (2, "hrDeviceType", Plain),
            (3, "hrDeviceDescr", Plain),
            (4, "hrDeviceID", Plain),
            (5, "hrDeviceStatus", DEVICE),
            (6, "hrDeviceErrors", Plain),
        ],
    ),
    row(&[25, 3, 3, 1], &[(2, "hrProcessorLoad", Plain)]),
    row(
        &[25, 3, 5, 1],
        &[
            (1, "hrPrinterStatus", PRINTER),
            (2, "hrPrinterDetectedErrorState", PRINTER_ERRORS),
        ],
    ),
    row(
        &[25, 4, 2, 1],
        &[
            (1, "hrSWRunIndex", Plain),
            (2, "hrSWRunName", Plain),
            (4, "hrSWRunPath", Plain),
            (5, "hrSWRunParameters", Plain),
            (7, "hrSWRunStatus", RUN),
        ],
    ),
    row(
        &[25, 5, 1, 1],
        &[(1, "hrSWRunPerfCPU", Plain), (2, "hrSWRunPerfMem", Plain)],
    ),
    // RFC 1628, upsIdent, upsBattery, upsInput, upsOutput, upsAlarm, upsTest.
    single(
        &[33, 1, 1],
        &[
            (1, "upsIdentManufacturer", Plain),
            (2, "upsIdentModel", Plain),
            (3, "upsIdentUPSSoftwareVersion", Plain),
            (4, "upsIdentAgentSoftwareVersion", Plain),
            (5, "upsIdentName", Plain),
            (6, "upsIdentAttachedDevices", Plain),
        ],
    ),
    single(
        &[33, 1, 2],
        &[
            (1, "upsBatteryStatus", BATTERY),
            (2, "upsSecondsOnBattery", Plain),
            (3, "upsEstimatedMinutesRemaining", Plain),
            (4, "upsEstimatedChargeRemaining", Plain),
            (5, "upsBatteryVoltage", Plain),
            (6, "upsBatteryCurrent", Plain),
            (7, "upsBatteryTemperature", Plain),
        ],
    ),
    single(
        &[33, 1, 3],
        &[
            (1, "upsInputLineBads", Plain),
            (2, "upsInputNumLines", Plain),
        ],
    ),
    row(
        &[33, 1, 3, 3, 1],
        &[
            (2, "upsInputFrequency", Plain),
            (3, "upsInputVoltage", Plain),
            (4, "upsInputCurrent", Plain),
            (5, "upsInputTruePower", Plain),
        ],
    ),
    single(
        &[33, 1, 4],
        &[
            (1, "upsOutputSource", OUTPUT),
            (2, "upsOutputFrequency", Plain),
            (3, "upsOutputNumLines", Plain),
        ],
    ),
    row(
        &[33, 1, 4, 4, 1],
        &[
            (2, "upsOutputVoltage", Plain),
            (3, "upsOutputCurrent", Plain),
            (4, "upsOutputPower", Plain),
            (5, "upsOutputPercentLoad", Plain),
        ],
    ),
    single(&[33, 1, 6], &[(1, "upsAlarmsPresent", Plain)]),
    single(&[33, 1, 7], &[(3, "upsTestResultsSummary", TEST)]),
    // RFC 3805, prtGeneralEntry, prtCoverEntry, prtInputEntry, prtOutputEntry, prtMarkerEntry,
    // prtMarkerSuppliesEntry, prtConsoleDisplayBufferEntry, prtAlertEntry.
    row(
        &[43, 5, 1, 1],
        &[
            (16, "prtGeneralPrinterName", Plain),
            (17, "prtGeneralSerialNumber", Plain),
            (18, "prtAlertCriticalEvents", Plain),
            (19, "prtAlertAllEvents", Plain),
        ],
    ),
    row(&[43, 6, 1, 1], &[(3, "prtCoverStatus", COVER)]),
    row(
        &[43, 8, 2, 1],
        &[
            (9, "prtInputMaxCapacity", Plain),
            (10, "prtInputCurrentLevel", Plain),
            (11, "prtInputStatus", Plain),
            (13, "prtInputName", Plain),
            (18, "prtInputDescription", Plain),
        ],
    ),
    row(
        &[43, 9, 2, 1],
        &[
            (4, "prtOutputMaxCapacity", Plain),
            (5, "prtOutputRemainingCapacity", Plain),
            (6, "prtOutputStatus", Plain),
            (7, "prtOutputName", Plain),
        ],
    ),
    row(
        &[43, 10, 2, 1],
        &[
            (4, "prtMarkerLifeCount", Plain),
            (15, "prtMarkerStatus", Plain),
        ],
    ),
    row(
        &[43, 11, 1, 1],
        &[
            (4, "prtMarkerSuppliesClass", SUPPLY),
            (5, "prtMarkerSuppliesType", Plain),
            (6, "prtMarkerSuppliesDescription", Plain),
            (8, "prtMarkerSuppliesMaxCapacity", Plain),
            (9, "prtMarkerSuppliesLevel", Plain),
        ],
    ),
    row(
        &[43, 16, 5, 1],
        &[(2, "prtConsoleDisplayBufferText", Plain)],
    ),
    row(
        &[43, 18, 1, 1],
        &[
            (2, "prtAlertSeverityLevel", SEVERITY),
            (7, "prtAlertCode", Plain),
            (8, "prtAlertDescription", Plain),
        ],
    ),
];

const ADMIN: Words = Of(&[(1, "up"), (2, "down"), (3, "testing")]);
const OPER: Words = Of(&[
    (1, "up"),
    (2, "down"),
    (3, "testing"),
    (4, "unknown"),
    (5, "dormant"),
    (6, "notPresent"),
    (7, "lowerLayerDown"),
]);
/// RFC 2579, `TruthValue`.
const TRUTH: Words = Of(&[(1, "true"), (2, "false")]);
const DEVICE: Words = Of(&[
    (1, "unknown"),
    (2, "running"),
    (3, "warning"),
    (4, "testing"),
    (5, "down"),
]);
const PRINTER: Words = Of(&[
    (1, "other"),
    (2, "unknown"),
    (3, "idle"),
    (4, "printing"),
    (5, "warmup"),
]);
const PRINTER_ERRORS: Words = Bits(&[
    "lowPaper",
    "noPaper",
    "lowToner",
    "noToner",
    "doorOpen",
    "jammed",
    "offline",
    "serviceRequested",
    "inputTrayMissing",
    "outputTrayMissing",
    "markerSupplyMissing",
    "outputNearFull",
    "outputFull",
    "inputTrayEmpty",
    "overduePreventMaint",
]);
const RUN: Words = Of(&[
    (1, "running"),
    (2, "runnable"),
    (3, "notRunnable"),
    (4, "invalid"),
]);
const BATTERY: Words = Of(&[
    (1, "unknown"),
    (2, "batteryNormal"),
    (3, "batteryLow"),
    (4, "batteryDepleted"),
]);
const OUTPUT: Words = Of(&[
    (1, "other"),
    (2, "none"),
    (3, "normal"),
    (4, "bypass"),
    (5, "battery"),
    (6, "booster"),
    (7, "reducer"),
]);
const TEST: Words = Of(&[
    (1, "donePass"),
    (2, "doneWarning"),
    (3, "doneError"),
    (4, "aborted"),
    (5, "inProgress"),
    (6, "noTestsInitiated"),
]);
const COVER: Words = Of(&[
    (1, "other"),
    (3, "coverOpen"),
    (4, "coverClosed"),
    (5, "interlockOpen"),
    (6, "interlockClosed"),
]);
const SUPPLY: Words = Of(&[
    (1, "other"),
    (3, "supplyThatIsConsumed"),
    (4, "receptacleThatIsFilled"),
]);
const SEVERITY: Words = Of(&[
    (1, "other"),
    (3, "critical"),
    (4, "warning"),
    (5, "warningBinaryChangeEvent"),
]);
