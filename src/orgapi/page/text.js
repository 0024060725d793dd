// Whatever comes from the service becomes text here, never markup.
export function node(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const kUnits = [[60, 1, 's'], [3600, 60, 'min'], [172800, 3600, 'h'], [Infinity, 86400, 'days']];

function words(moment) {
  const seconds = (Date.parse(moment) - Date.now()) / 1000, size = Math.abs(seconds);
  const [, unit, word] = kUnits.find(([limit]) => size < limit);
  const much = `${Math.max(1, Math.round(size / unit))} ${word}`;
  if (size < 5) return 'just now';
  return seconds < 0 ? `${much} ago` : `in ${much}`;
}

export const when = (moment, otherwise) => moment
  ? node('time', {dateTime: moment, title: moment.replace('T', ' ').replace('Z', ' UTC')}, words(moment)) : otherwise;
