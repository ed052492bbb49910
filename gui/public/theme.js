// Before the first paint, so that a page in the dark does not flash. A file of its own: the router allows no inline scripts.
try {
  const theme = localStorage.getItem('lancell.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch { /* storage is closed: the system's choice counts */ }
