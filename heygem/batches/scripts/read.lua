-- batch → {batch hash, item hash, item hash …} as of one moment, or nothing
return read(ARGV[1])
