const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Such as "Mon–Fri at 06:00" for `0 6 * * 1-5`; what cannot be said in a few words is told as it stands. */
export function cronInWords(expression: string): string {
  const [minute, hour, day, month, weekday, ...more] = expression.trim().split(/\s+/);
  const asItStands = `cron ${expression}`;
  if (!minute || !hour || !day || !month || !weekday || more.length > 0) return asItStands;
  const time = timeInWords(minute, hour);
  const days = daysInWords(day, month, weekday);
  if (time === null || days === null) return asItStands;
  if (time.startsWith('every')) return days === '' ? time : `${time}, ${days}`;
  return `${days === '' ? 'daily' : days} ${time}`;
}

function timeInWords(minute: string, hour: string): string | null {
  const step = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (minute === '*' && hour === '*') return 'every minute';
  if (step && hour === '*' && 60 % Number(step) === 0) return step === '1' ? 'every minute' : `every ${step} min`;
  if (!isNumber(minute)) return null;
  const past = minute.padStart(2, '0');
  if (hour === '*') return minute === '0' ? 'every hour' : `every hour at :${past}`;
  const hours = hour.split(',');
  if (!hours.every(isNumber)) return null;
  return `at ${hours.map((one) => `${one.padStart(2, '0')}:${past}`).join(', ')}`;
}

/** Empty for every day; null for what takes more words. */
function daysInWords(day: string, month: string, weekday: string): string | null {
  const isEvery = (field: string): boolean => field === '*';
  if (isEvery(day) && isEvery(month)) return isEvery(weekday) ? '' : namesInWords(weekday, dayNames, 0);
  if (!isEvery(weekday) || !isNumber(day)) return null;
  if (isEvery(month)) return `on day ${day} of the month`;
  const months = namesInWords(month, monthNames, 1);
  return months === null ? null : `on day ${day} of ${months}`;
}

/** Numbers, or names, their ranges and lists. */
function namesInWords(field: string, names: readonly string[], from: number): string | null {
  const nameOf = (text: string): string | undefined =>
    isNumber(text)
      ? names[(Number(text) - from) % names.length]
      : names.find((name) => name.toUpperCase() === text.toUpperCase());
  const parts = field.split(',').map((part) => {
    const ends = part.split('-').map(nameOf);
    return ends.length > 2 || ends.includes(undefined) ? null : ends.join('–');
  });
  return parts.includes(null) ? null : parts.join(', ');
}

const isNumber = (text: string): boolean => /^\d{1,2}$/.test(text);
