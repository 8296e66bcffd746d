import { describe, expect, it } from 'vitest';
import { meaningOf } from './evs.catalogue.js';

/** Codes by HTTP status and retry class, as the EVS reference §4.2 and §4.3 list them. */
const never = {
  400: `EVS.0001 EVS.1001 EVS.1003 EVS.1004 EVS.1007 EVS.1002 EVS.1005 EVS.1006 EVS.1008 EVS.1009 EVS.1010 EVS.1011 EVS.1013
    EVS.1052 EVS.1070 EVS.2078 EVS.2108 EVS.1012 EVS.1015 EVS.1016 EVS.1018 EVS.1020 EVS.2070 EVS.1021 EVS.1022 EVS.1023
    EVS.2142 EVS.1024 EVS.1025 EVS.1058 EVS.1031 EVS.1032 EVS.1036 EVS.2053 EVS.1039 EVS.1040 EVS.1041 EVS.1043 EVS.1049
    EVS.1051 EVS.1053 EVS.1054 EVS.1057 EVS.1063 EVS.1061 EVS.1062 EVS.2045 EVS.2046 EVS.2047 EVS.2054 EVS.2083 EVS.2084
    EVS.2085 EVS.2087 EVS.2093 EVS.2094 EVS.2096 EVS.5400 Common.0018`,
  403: 'EVS.0003 EVS.1027 EVS.2056 EVS.2144 EVS.2145 EVS.5403 APIG.0302 APIG.0310 APIG.0802',
  404: 'EVS.5404 APIG.0101',
};
const fixFirst = {
  400: `EVS.1014 EVS.1034 EVS.1042 EVS.1044 EVS.1045 EVS.1046 EVS.1047 EVS.1048 EVS.1064 EVS.1065 EVS.1066 EVS.2040 EVS.2041
    EVS.2043 EVS.2055 EVS.2068 EVS.2071 EVS.2072 EVS.2089 EVS.2130`,
  401: 'EVS.2143',
  413: 'EVS.5413',
};
const authenticate = {
  400: 'EVS.0002 Common.0013',
  401: 'EVS.5401 APIG.0301 APIG.0305 APIG.0307',
  500: 'EVS.2034 EVS.2035 EVS.2036',
};
const transientBeforeAnyEffect = {
  400: 'Ecs.0301 EVS.1033 EVS.2052 EVS.2131 EVS.2134',
  404: 'EVS.2044',
  500: 'EVS.2010 EVS.2013 EVS.2032 EVS.2033',
  503: 'APIG.0613',
};
const open = {
  400: 'Ecs.0002',
  500: `EVS.2001 EVS.2002 EVS.5500 EVS.2005 EVS.2023 EVS.2007 EVS.2011 EVS.2014 EVS.2019 EVS.2020 EVS.2021 EVS.2024 EVS.2025
    EVS.2026 EVS.2029 EVS.2030 EVS.2031 EVS.2042 EVS.2050 EVS.2105 APIG.0601
    Ecs.0002`,
  502: 'APIG.0201',
  503: 'EVS.5503',
  504: 'APIG.0201',
};

const kindsIn = (codes: Readonly<Record<number, string>>) =>
  new Set(
    Object.entries(codes).flatMap(([status, list]) =>
      list.split(/\s+/).map((code) => meaningOf(code, Number(status), false).kind),
    ),
  );

describe('the catalogue of codes', () => {
  it.each([
    ['never to be repeated as it was', never, 'refused'],
    ['to be repeated when something was put right', fixFirst, 'refused'],
    ['about the token', authenticate, 'token-rejected'],
    ['transient, before any effect', transientBeforeAnyEffect, 'nothing-happened'],
    ['open, as the work may have been taken on', open, 'unclear'],
    ['a throttle', { 429: 'APIG.0308 IAM.0012' }, 'throttled'],
  ])('knows what is %s', (_, codes, kind) => {
    expect(kindsIn(codes)).toEqual(new Set([kind]));
  });

  it.each([
    ['EVS.1034', 400, 'cloud-quota-exceeded'],
    ['EVS.5413', 413, 'cloud-quota-exceeded'],
    ['EVS.1015', 400, 'state-conflict'],
    ['EVS.2072', 400, 'type-unavailable'],
    ['EVS.1020', 400, 'type-unavailable'],
    ['EVS.2053', 400, 'zone-unavailable'],
    ['EVS.1010', 400, 'invalid'],
    ['EVS.2143', 401, 'forbidden'],
    ['EVS.5404', 404, 'not-found'],
    ['Ecs.0114', 404, 'not-found'],
    ['Ecs.0103', 400, 'state-conflict'],
    ['Ecs.0111', 400, 'state-conflict'],
    ['Ecs.0121', 400, 'invalid'],
    ['Ecs.0021', 400, 'cloud-quota-exceeded'],
    ['EVS.9999', 400, 'invalid'],
  ])('gives %s the reason that a user reads', (code, status, reason) => {
    expect(meaningOf(code, status, false)).toEqual({ kind: 'refused', reason });
  });

  it('tells a quota from a body that is too large', () => {
    expect(meaningOf(null, 413, true)).toMatchObject({ reason: 'cloud-quota-exceeded' });
    expect(meaningOf('APIG.0201', 413, false)).toMatchObject({ reason: 'invalid' });
  });
});
