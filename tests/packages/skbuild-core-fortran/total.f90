! The sum of numbers, as Fortran's run-time library writes it.
subroutine write_total(count, numbers, text) bind(c)
  use, intrinsic :: iso_c_binding
  integer(c_int), value :: count
  real(c_double), intent(in) :: numbers(count)
  character(kind=c_char), intent(out) :: text(9)
  character(8) :: written
  integer :: i

  write (written, '(f8.3)') sum(numbers)
  do i = 1, 8
    text(i) = written(i:i)
  end do
  text(9) = c_null_char
end subroutine
