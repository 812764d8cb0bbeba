import './design/design.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { applyTheme } from './layout/theme';

// After the service was updated, an open tab asks for parts that are no longer there: it has to be loaded anew.
window.addEventListener('vite:preloadError', () => location.reload());

applyTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
