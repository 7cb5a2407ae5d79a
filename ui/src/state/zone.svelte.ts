/** By which clocks dates are shown: those of the machine, or UTC. */
import { recall, remember } from "./memory";

const NAME = "utc";

/** The parts of a date as a calendar and a clock show it. */
export interface DateParts {
  year: number;
  /** 0 for January. */
  month: number;
  /** The day of the month, from 1 on. */
  date: number;
  /** 0 for Monday to 6. */
  weekday: number;
  hours: number;
  minutes: number;
  seconds: number;
}

class Zone {
  utc = $state(recall(NAME) === true);

  choose(utc: boolean): void {
    this.utc = utc;
    remember(NAME, utc);
  }

  /** The zone for a person who does not see this window: `UTC`, or `local time, Europe/Berlin`. */
  get name(): string {
    if (this.utc) return "UTC";
    return `local time, ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  }

  /** The parts of a date in Unix seconds. */
  parts(date: number): DateParts {
    const at = new Date(date * 1000);
    return this.utc
      ? {
          year: at.getUTCFullYear(),
          month: at.getUTCMonth(),
          date: at.getUTCDate(),
          weekday: (at.getUTCDay() + 6) % 7,
          hours: at.getUTCHours(),
          minutes: at.getUTCMinutes(),
          seconds: at.getUTCSeconds(),
        }
      : {
          year: at.getFullYear(),
          month: at.getMonth(),
          date: at.getDate(),
          weekday: (at.getDay() + 6) % 7,
          hours: at.getHours(),
          minutes: at.getMinutes(),
          seconds: at.getSeconds(),
        };
  }

  /** The beginning of a day of the calendar in Unix seconds. */
  midnight(year: number, month: number, date: number): number {
    return this.at(year, month, date, 0, 0, 0);
  }

  /** A time of a day of the calendar in Unix seconds. */
  at(
    year: number,
    month: number,
    date: number,
    hours: number,
    minutes: number,
    seconds: number,
  ): number {
    const parts = [year, month, date, hours, minutes, seconds] as const;
    return (this.utc ? Date.UTC(...parts) : new Date(...parts).getTime()) / 1000;
  }
}

export const zone = new Zone();
