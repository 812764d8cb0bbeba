import { useEffect, useState } from 'react';
import { type OpenIdOptions, openIdOptions } from './openid-options';

/** Undefined until it is known. A service that does not answer is told when somebody signs in. */
export function useOpenIdOptions(): OpenIdOptions | null | undefined {
  const [options, setOptions] = useState<OpenIdOptions | null>();
  useEffect(() => {
    openIdOptions().then(setOptions, () => setOptions(null));
  }, []);
  return options;
}
