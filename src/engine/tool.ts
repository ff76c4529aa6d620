/** Written into every report and file; raised with the package's version. */
export const TOOL = 'lathe 0.1.0';
